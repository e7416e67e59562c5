// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/map/selection_naming.h"

#include "core/text/word_list.h"
#include "ui/models/formatting.h"
#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"

#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

enum Row { Common, Classes, OtherFile, ChosenFile };

} // namespace

SelectionNaming::SelectionNaming(QWidget* parent) : QWidget(parent) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::kTiny);
    m_vocabulary = new ChoiceBox("mapVocabulary", tr("Words that the selected images may be called by"), 8);
    m_vocabulary->addItems({tr("common words"), tr("class names"), tr("words of a file…")}); // Row
    m_name = new QPushButton(tr("Name them"));
    m_name->setObjectName(QStringLiteral("mapName"));
    m_name->setToolTip(
        tr("The words whose embeddings lie nearest to what tells the selected images from all: "
           "the mean of theirs less the mean of all. The order counts, not the size."));
    m_names = new QLabel;
    m_names->setObjectName(QStringLiteral("mapNames"));
    m_names->setTextFormat(Qt::RichText);
    m_names->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_names->setWordWrap(true);
    m_names->hide();
    auto* row = new QHBoxLayout;
    row->setSpacing(theme::kSmall);
    row->addWidget(m_vocabulary, 1);
    row->addWidget(m_name);
    column->addLayout(row);
    column->addWidget(m_names);
    connect(m_vocabulary, &QComboBox::activated, this, &SelectionNaming::choose);
    connect(m_name, &QPushButton::clicked, this, &SelectionNaming::requested);
}

void SelectionNaming::choose(int row) {
    if (row != OtherFile) {
        m_chosen = row;
        return;
    }
    const QString file =
        QFileDialog::getOpenFileName(this, tr("Words, one a line"), {}, tr("Text (*.txt);;All files (*)"));
    if (file.isEmpty()) {
        m_vocabulary->setCurrentIndex(m_chosen);
        return;
    }
    if (m_vocabulary->count() == ChosenFile)
        m_vocabulary->addItem({});
    m_vocabulary->setItemText(ChosenFile, QFileInfo(file).fileName());
    m_vocabulary->setItemData(ChosenFile, file);
    m_vocabulary->setCurrentIndex(ChosenFile);
    m_chosen = ChosenFile;
}

void SelectionNaming::setHasClasses(bool has) {
    auto* model = qobject_cast<QStandardItemModel*>(m_vocabulary->model());
    model->item(Classes)->setEnabled(has);
    if (!has && m_chosen == Classes) {
        m_chosen = Common;
        m_vocabulary->setCurrentIndex(Common);
    }
}

void SelectionNaming::setPossible(bool possible) {
    m_name->setEnabled(possible);
}

std::string SelectionNaming::vocabulary() const {
    if (m_chosen == ChosenFile)
        return QFile::encodeName(m_vocabulary->itemData(ChosenFile).toString()).toStdString();
    return m_chosen == Classes ? "classes" : kCommonWords;
}

void SelectionNaming::showNames(const std::vector<SelectionName>& names) {
    QString rows;
    for (const SelectionName& name : names)
        rows += QStringLiteral("<tr><td>%1</td><td align=\"right\">&nbsp;&nbsp;%2</td></tr>")
                    .arg(toQString(name.word).toHtmlEscaped(), cosineText(name.cosine));
    m_names->setText(QStringLiteral("<table cellspacing=\"0\">%1</table>").arg(rows));
    m_names->show();
}

void SelectionNaming::showWords(const QString& words) {
    m_names->setText(words.toHtmlEscaped());
    m_names->setVisible(!words.isEmpty());
}

} // namespace diptych::ui
