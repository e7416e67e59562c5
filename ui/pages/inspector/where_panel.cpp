// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/where_panel.h"

#include "core/base/file.h"
#include "core/explain/heat.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/inspector/where_curves.h"
#include "ui/pages/inspector/where_text.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/folding_row.h"
#include "ui/widgets/image_view.h"

#include <QBuffer>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMessageBox>
#include <QSlider>
#include <QSpinBox>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

constexpr int kChangingMs = 200, kMostLayers = 999, kOpacity = 60;

} // namespace

WherePanel::WherePanel(const PageContext& context, ImageView& view, QWidget* parent)
    : QWidget(parent),
      m_context(context),
      m_view(view),
      m_finding(context.jobs, this),
      m_asking(context.jobs, this),
      m_button(new QToolButton),
      m_curves(new QToolButton),
      m_export(new QToolButton),
      m_method(new QComboBox),
      m_colours(new QComboBox),
      m_layer(new QSpinBox),
      m_head(new QSpinBox),
      m_opacity(new QSlider(Qt::Horizontal)),
      m_words(new QLabel),
      m_note(new QLabel) {
    build();
    arrange();
    hide();
    refuse(tr("There is no model yet: add one on the Models page"));
    m_changing.setSingleShot(true);
    m_changing.setInterval(kChangingMs);
    connect(&m_changing, &QTimer::timeout, this, &WherePanel::ask);
    connect(m_button, &QToolButton::toggled, this, &WherePanel::toggle);
    connect(m_method, &QComboBox::currentIndexChanged, this, &WherePanel::ask);
    for (QSpinBox* number : {m_layer, m_head})
        connect(number, &QSpinBox::valueChanged, &m_changing, qOverload<>(&QTimer::start));
    connect(m_colours, &QComboBox::currentIndexChanged, this, &WherePanel::paintHeat);
    connect(m_opacity, &QSlider::valueChanged, this, &WherePanel::paintHeat);
    connect(m_curves, &QToolButton::clicked, this,
            [this] { (new WhereCurves(m_context, m_asked, this))->show(); });
    connect(m_export, &QToolButton::clicked, this, &WherePanel::askAndSave);
    connect(&view, &ImageView::hovered, this, [this](const QPoint& pixel, const QPoint& where) {
        if (!m_found || m_picture.isNull())
            return;
        const auto patch = patchAt(m_found->relevance, pixel.x(), pixel.y(), heatEnlargement(m_found->seen));
        describe(patch);
        QToolTip::showText(where, patch ? patchText(m_found->relevance, *patch) : QString(), &m_view);
    });
    connect(&context.jobs, &JobRunner::event, this, [this](const JobEvent& event) {
        if (m_waitsForModel && event.lane == JobLane::Model && event.state != JobState::Queued &&
            event.state != JobState::Running)
            ask();
    });
}

void WherePanel::build() {
    m_button->setObjectName(QStringLiteral("where"));
    m_button->setText(tr("Where"));
    m_button->setAccessibleName(tr("Where in the picture"));
    m_button->setCheckable(true);
    m_method->setObjectName(QStringLiteral("whereMethod"));
    m_method->setAccessibleName(tr("Method"));
    for (const ExplainMethodInfo& info : explainMethods()) {
        m_method->addItem(QString::fromUtf8(info.title), static_cast<int>(info.method));
        m_method->setItemData(m_method->count() - 1, QString::fromUtf8(info.meaning), Qt::ToolTipRole);
    }
    m_colours->setObjectName(QStringLiteral("whereColours"));
    m_colours->setAccessibleName(tr("Colours"));
    m_colours->setToolTip(m_colours->accessibleName());
    for (const char* name : colourMapNames())
        m_colours->addItem(QString::fromUtf8(name));
    const auto number = [](QSpinBox* box, const char* name, const QString& prefix, const QString& none) {
        box->setObjectName(QString::fromLatin1(name));
        box->setRange(0, kMostLayers);
        box->setPrefix(prefix);
        box->setSpecialValueText(none);
        box->setAccessibleName(prefix.trimmed());
        box->hide();
    };
    number(m_layer, "whereLayer", tr("Layer "), tr("Last layer"));
    number(m_head, "whereHead", tr("Head "), tr("All heads"));
    m_opacity->setObjectName(QStringLiteral("whereOpacity"));
    m_opacity->setAccessibleName(tr("Opacity of the colours"));
    m_opacity->setToolTip(m_opacity->accessibleName());
    m_opacity->setRange(0, 100);
    m_opacity->setValue(kOpacity);
    m_opacity->setMinimumWidth(60);
    m_curves->setObjectName(QStringLiteral("whereCurves"));
    m_curves->setText(tr("Check…"));
    m_curves->setToolTip(tr("The cosine while what is called most relevant is covered, and shown, first"));
    m_export->setObjectName(QStringLiteral("whereExport"));
    m_export->setText(tr("Save…"));
    m_export->setToolTip(tr("Save the picture as PNG, or every value as CSV"));
    m_words->setObjectName(QStringLiteral("whereWords"));
    m_words->setTextFormat(Qt::RichText);
    m_note->setObjectName(QStringLiteral("whereNote"));
    m_note->setTextFormat(Qt::PlainText);
    theme::style(m_note, theme::Text::Caption);
}

void WherePanel::arrange() {
    auto* controls = new FoldingRow;
    for (QWidget* control : std::initializer_list<QWidget*>{m_method, m_layer, m_head})
        controls->first()->addWidget(control);
    controls->second()->addWidget(m_colours);
    controls->second()->addWidget(m_opacity, 1);
    controls->second()->addWidget(m_curves);
    controls->second()->addWidget(m_export);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::kSmall);
    layout->addWidget(controls);
    for (QLabel* label : {m_words, m_note}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        layout->addWidget(label);
    }
}

void WherePanel::look(const Inspected& inspected) {
    const auto session = m_context.state.session();
    if (!session || !inspected.sample)
        return;
    if (inspected.sample != m_inspected.sample)
        forget({});
    m_inspected = inspected;
    m_finding.start(
        JobSpec(tr("Find the model")).setShown(false),
        [session, inspected](const RunContext&) {
            const ModelRecord model = lookingModel(session->workspace(), inspected);
            const ModelInfo info = ModelInfo::fromJson(model.info, model.name);
            return Looking{model.id, toQString(model.name), info.explains()};
        },
        [this](const Looking& looking) { setLooking(looking); },
        [this](const Error& error) { refuse(QString::fromUtf8(error.what())); });
}

void WherePanel::setLooking(const Looking& looking) {
    if (looking.id != m_looking.id) {
        const QSignalBlocker layer(m_layer), head(m_head);
        for (QSpinBox* number : {m_layer, m_head}) { // another model has others
            number->setValue(0);
            number->setMaximum(kMostLayers);
        }
    }
    m_looking = looking;
    if (!looking.explains) {
        refuse(tr("%1 cannot say where: that takes an image tower that sees pictures as patches, and a text "
                  "tower")
                   .arg(looking.name));
        return;
    }
    m_button->setEnabled(true);
    m_button->setToolTip(
        tr("Which parts of the picture and which words their similarity comes from, by %1 (W)")
            .arg(looking.name));
    ask();
}

void WherePanel::refuse(const QString& why) {
    m_button->setChecked(false);
    m_button->setEnabled(false);
    m_button->setToolTip(why);
}

void WherePanel::setText(const QString& text) {
    if (text == m_text)
        return;
    m_text = text;
    ask();
}

void WherePanel::toggle(bool on) {
    setVisible(on);
    if (on)
        ask();
    else
        forget({});
}

ExplainOptions WherePanel::options() const {
    ExplainOptions options;
    options.method = static_cast<ExplainMethod>(m_method->currentData().toInt());
    options.layer = m_layer->value();
    options.head = m_head->value();
    return options;
}

void WherePanel::ask() {
    m_changing.stop();
    m_waitsForModel = false;
    const ExplainOptions options = this->options();
    const bool ofText = options.method != ExplainMethod::Attention;
    m_layer->setVisible(!ofText);
    m_head->setVisible(!ofText);
    m_method->setToolTip(QString::fromUtf8(explainMethod(options.method).meaning));
    const auto session = m_context.state.session();
    if (!m_button->isChecked() || !session || !m_looking.explains)
        return;
    if (ofText && m_text.isEmpty()) {
        forget(tr("Type the text to look for in the picture."));
        return;
    }
    ExplainQuery query{.sample = m_inspected.sample, .model = m_looking.id, .text = m_text.toStdString()};
    query.alpha = m_inspected.alpha;
    query.options = options;
    if (query == m_asked && (m_found || m_asking.active()))
        return;
    m_asked = query;
    m_note->setText(tr("Looking…"));
    m_looks = true;
    const auto stopped = [this] {
        if (m_looks) // cancelled elsewhere
            forget(tr("Stopped. Choose a method, or press Where again, to look anew."));
    };
    m_asking.start(
        JobSpec(tr("Where in the picture"))
            .setShown(options.method == ExplainMethod::Occlusion)
            .setFinally(stopped),
        [session, query](const RunContext& context) { return session->explain(query, context); },
        [this](Explanation found) { take(std::move(found)); },
        [this](const Error& error) { forget(QString::fromUtf8(error.what())); });
}

void WherePanel::take(Explanation found) {
    if (found.answer != Answer::Ready) {
        forget(tr("The model is busy with a run; the answer follows when it is free."));
        m_waitsForModel = true;
        return;
    }
    m_looks = false;
    m_found = std::move(found);
    const Relevance& relevance = m_found->relevance;
    if (relevance.layers > 0) {
        m_layer->setMaximum(relevance.layers);
        m_head->setMaximum(relevance.heads);
    }
    m_words->setText(tintedWords(relevance, theme::colors().accent));
    m_words->setAccessibleDescription(spokenWords(relevance));
    m_words->setToolTip(tr("What spoke for the text, by word: %1").arg(spokenWords(relevance)));
    m_words->setVisible(!m_words->text().isEmpty());
    m_curves->setEnabled(!m_asked.text.empty()); // attention asks for none
    m_export->setEnabled(true);
    describe(std::nullopt);
    paintHeat();
}

void WherePanel::forget(const QString& note) {
    m_asking.cancel();
    m_looks = m_waitsForModel = false;
    m_found.reset();
    m_words->clear();
    m_words->hide();
    m_curves->setEnabled(false);
    m_export->setEnabled(false);
    m_note->setText(note);
    if (m_picture.isNull())
        return;
    m_picture = {};
    Q_EMIT pictureChanged();
}

void WherePanel::paintHeat() {
    if (!m_found)
        return;
    const HeatStyle style{m_colours->currentText().toStdString(), m_opacity->value() / 100.0,
                          heatEnlargement(m_found->seen)};
    m_picture = toQImage(withHeat(m_found->seen, m_found->relevance, style));
    Q_EMIT pictureChanged();
}

void WherePanel::describe(std::optional<size_t> patch) {
    const Relevance& relevance = m_found->relevance;
    const ExplainMethodInfo& info = explainMethod(m_asked.options.method);
    m_note->setText(patch ? patchText(relevance, *patch)
                          : tr("%1 Highest: %2")
                                .arg(QString::fromUtf8(info.meaning),
                                     asContinuation(patchText(relevance, highestPatch(relevance)))));
}

void WherePanel::save(const QString& file) const {
    const QString ending = QFileInfo(file).suffix().toLower();
    const std::filesystem::path path = QFile::encodeName(file).toStdString();
    if (ending == QLatin1String("csv")) {
        writeFileAtomically(path, relevanceCsv(m_found->relevance));
        return;
    }
    if (ending != QLatin1String("png"))
        throw Error(ErrorCode::InvalidArgument,
                    "What was found is saved as .png or .csv, not as '" + file.toStdString() + "'");
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    m_picture.save(&buffer, "PNG");
    writeFileAtomically(path, std::string_view(bytes.constData(), static_cast<size_t>(bytes.size())));
}

void WherePanel::askAndSave() {
    QString chosen;
    QString file =
        QFileDialog::getSaveFileName(this, tr("Save what was found"), tr("where") + QStringLiteral(".png"),
                                     tr("Picture (*.png);;Values (*.csv)"), &chosen);
    if (file.isEmpty())
        return;
    if (QFileInfo(file).suffix().isEmpty())
        file += chosen.section(QLatin1Char('*'), 1).section(QLatin1Char(')'), 0, 0);
    try {
        save(file);
    } catch (const Error& error) {
        QMessageBox::warning(this, tr("Save what was found"), QString::fromUtf8(error.what()));
    }
}

} // namespace diptych::ui
