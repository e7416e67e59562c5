// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QStringList>

#include <functional>
#include <vector>

class QLineEdit;
class QListWidget;

namespace diptych::ui {

/// Something that can be gone to or done.
struct PaletteEntry {
    QString text;   ///< "Import images…", "Run 12: zero-shot on pets"
    QString detail; ///< kind, keys; searched too
    std::function<void()> act;
};

/// A field and what matches it: every word typed must occur, in any order and letter case; what starts with
/// the first word comes first. Return does it, Esc closes.
class CommandPalette : public QDialog {
    Q_OBJECT
public:
    explicit CommandPalette(QWidget* parent = nullptr);
    /// Adds to what is there; may be called while it is shown.
    void addEntries(std::vector<PaletteEntry> entries);
    QStringList shown() const; ///< texts of what matches, in order

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void refill();
    void accept() override;

    std::vector<PaletteEntry> m_entries;
    QLineEdit* m_field;
    QListWidget* m_list;
};

} // namespace diptych::ui
