// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/explanation.h"
#include "ui/jobs/job_runner.h"
#include "ui/pages/inspector/inspected.h"
#include "ui/pages/page.h"

#include <QImage>
#include <QTimer>

#include <optional>

class QComboBox;
class QLabel;
class QSlider;
class QSpinBox;
class QToolButton;

namespace diptych::ui {

class ImageView;

/// Where in the picture, and in which words, the similarity of the two comes from: how it is asked for, and
/// what was found beside the picture. The picture itself, with the values in colour, is the owner's to show.
/// Hidden until its button is pressed.
class WherePanel : public QWidget {
    Q_OBJECT
public:
    /// @param view shows picture(); its pixels are asked for their patches
    WherePanel(const PageContext& context, ImageView& view, QWidget* parent = nullptr);
    /// Switches the panel on and off; disabled, with the reason, for a model that cannot be asked. Its owner
    /// puts it beside the text.
    QToolButton* button() const { return m_button; }
    void look(const Inspected& inspected);
    void setText(const QString& text);
    /// The picture as the model sees it, with the values in colour; null while there is none.
    const QImage& picture() const { return m_picture; }
    /// Writes the picture (.png) or every value (.csv). @throws Error InvalidArgument for another ending;
    /// what could not be written
    void save(const QString& file) const;

Q_SIGNALS:
    void pictureChanged();

private:
    struct Looking { ///< the model that looks
        ModelId id;
        QString name;
        bool explains = false;
    };
    void build();
    void arrange();
    void setLooking(const Looking& looking);
    void refuse(const QString& why);
    void toggle(bool on);
    void ask();
    void take(Explanation found);
    void forget(const QString& note);
    void paintHeat();
    void describe(std::optional<size_t> patch);
    void askAndSave();
    ExplainOptions options() const;

    PageContext m_context;
    ImageView& m_view;
    LatestOnly m_finding, m_asking;
    Inspected m_inspected;
    Looking m_looking;
    QString m_text;
    ExplainQuery m_asked;
    std::optional<Explanation> m_found;
    QImage m_picture;
    QTimer m_changing;
    bool m_looks = false, m_waitsForModel = false;
    QToolButton *m_button, *m_curves, *m_export;
    QComboBox *m_method, *m_colours;
    QSpinBox *m_layer, *m_head;
    QSlider* m_opacity;
    QLabel *m_words, *m_note;
};

} // namespace diptych::ui
