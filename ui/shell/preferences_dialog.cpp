// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/preferences_dialog.h"

#include "ui/state/settings.h"
#include "ui/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

constexpr int kTextSizes[] = {90, 100, 115, 130, 150, 175};

} // namespace

PreferencesDialog::PreferencesDialog(Settings& settings, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Preferences"));
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(theme::kLarge);
    form->setVerticalSpacing(theme::kMedium);

    auto* themes = new QComboBox;
    themes->setObjectName(QStringLiteral("themeChoice"));
    const std::pair<QString, ThemeChoice> choices[] = {{tr("As the system"), ThemeChoice::System},
                                                       {tr("Light"), ThemeChoice::Light},
                                                       {tr("Dark"), ThemeChoice::Dark}};
    for (const auto& [title, choice] : choices)
        themes->addItem(title, static_cast<int>(choice));
    themes->setCurrentIndex(themes->findData(static_cast<int>(settings.theme())));
    connect(themes, &QComboBox::currentIndexChanged, this, [&settings, themes] {
        settings.setTheme(static_cast<ThemeChoice>(themes->currentData().toInt()));
    });
    form->addRow(tr("&Theme"), themes);

    auto* sizes = new QComboBox;
    sizes->setObjectName(QStringLiteral("textSize"));
    for (const int size : kTextSizes)
        sizes->addItem(tr("%1 %").arg(size), size);
    sizes->setCurrentIndex(sizes->findData(settings.textPercent()));
    connect(sizes, &QComboBox::currentIndexChanged, this,
            [&settings, sizes] { settings.setTextPercent(sizes->currentData().toInt()); });
    form->addRow(tr("Text &size"), sizes);

    auto* open = new QCheckBox(tr("Open the workspace of last time at the &start"));
    open->setObjectName(QStringLiteral("openLast"));
    open->setChecked(settings.opensLast());
    connect(open, &QCheckBox::toggled, this, [&settings](bool on) { settings.setOpensLast(on); });
    form->addRow(QString(), open);

    auto* forget = new QPushButton(tr("&Forget recent workspaces"));
    forget->setObjectName(QStringLiteral("forgetRecent"));
    forget->setEnabled(!settings.recentWorkspaces().isEmpty());
    connect(forget, &QPushButton::clicked, this, [&settings, forget] {
        for (const QString& path : settings.recentWorkspaces())
            settings.forgetWorkspace(path);
        forget->setEnabled(false);
    });
    form->addRow(QString(), forget);

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kLarge);
    column->setSpacing(theme::kLarge);
    column->addLayout(form);
    column->addWidget(buttons);
}

} // namespace diptych::ui
