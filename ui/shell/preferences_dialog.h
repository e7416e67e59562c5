// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

namespace diptych::ui {

class Settings;

/// What can be set for the whole program. Changes take effect at once and are kept.
class PreferencesDialog : public QDialog {
    Q_OBJECT
public:
    /// @param settings outlives the dialog
    explicit PreferencesDialog(Settings& settings, QWidget* parent = nullptr);
};

} // namespace diptych::ui
