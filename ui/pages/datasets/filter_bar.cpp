// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/filter_bar.h"

#include "ui/theme/theme.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QAction>
#include <QComboBox>
#include <QCompleter>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSlider>

namespace diptych::ui {

namespace {
constexpr int kTypingMs = 200;
// Item data of boxes; names follow as they are.
constexpr int kAll = -2, kNone = -1;

struct SortChoice {
    const char* title;
    SampleSort sort;
};
const SortChoice kSorts[] = {
    {QT_TRANSLATE_NOOP("diptych::ui::FilterBar", "As imported"), {SampleOrder::Import, false}},
    {QT_TRANSLATE_NOOP("diptych::ui::FilterBar", "Name, A to Z"), {SampleOrder::Key, false}},
    {QT_TRANSLATE_NOOP("diptych::ui::FilterBar", "Name, Z to A"), {SampleOrder::Key, true}},
    {QT_TRANSLATE_NOOP("diptych::ui::FilterBar", "By class"), {SampleOrder::Label, false}},
};
} // namespace

FilterBar::FilterBar(QWidget* parent)
    : QWidget(parent),
      m_search(new QLineEdit(this)),
      m_class(new QComboBox(this)),
      m_tag(new QComboBox(this)),
      m_split(new QComboBox(this)),
      m_sort(new QComboBox(this)),
      m_size(new QSlider(Qt::Horizontal, this)) {
    buildControls();
    connectControls();
    setChoices({});
}

void FilterBar::buildControls() {
    m_search->setPlaceholderText(tr("Search names and captions"));
    m_search->setAccessibleName(m_search->placeholderText());
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(160);
    m_search->addAction(theme::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);

    m_class->setEditable(true); // hundreds of classes are found by typing
    m_class->setInsertPolicy(QComboBox::NoInsert);
    m_class->completer()->setFilterMode(Qt::MatchContains);
    m_class->completer()->setCompletionMode(QCompleter::PopupCompletion);
    m_class->setMaxVisibleItems(20);
    const std::pair<QComboBox*, QString> named[] = {
        {m_class, tr("Class")}, {m_tag, tr("Tag")}, {m_split, tr("Split")}, {m_sort, tr("Order")}};
    for (const auto& [box, name] : named) {
        box->setAccessibleName(name);
        box->setToolTip(name);
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(9);
    }
    for (const SortChoice& choice : kSorts)
        m_sort->addItem(tr(choice.title));

    m_size->setRange(ThumbnailGrid::kSmallestSide, ThumbnailGrid::kLargestSide);
    m_size->setSingleStep(16);
    m_size->setPageStep(32);
    m_size->setFixedWidth(110);
    m_size->setAccessibleName(tr("Size of the pictures"));
    m_size->setToolTip(tr("Size of the pictures (Ctrl+wheel)"));

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::kSmall);
    row->addWidget(m_search, 3);
    row->addWidget(m_class, 2);
    row->addWidget(m_tag, 1);
    row->addWidget(m_split, 1);
    row->addWidget(m_sort, 1);
    row->addSpacing(theme::kSmall);
    row->addWidget(m_size);
}

void FilterBar::connectControls() {
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingMs);
    connect(&m_typing, &QTimer::timeout, this, &FilterBar::changed);
    connect(m_search, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
    connect(m_search, &QLineEdit::returnPressed, this, &FilterBar::emitNow);
    for (QComboBox* box : {m_class, m_tag, m_split, m_sort})
        connect(box, &QComboBox::currentIndexChanged, this, &FilterBar::emitNow);
    // Half a name left in the box is no class; it says again what is chosen.
    connect(m_class->lineEdit(), &QLineEdit::editingFinished, this, [this] {
        const int found = m_class->findText(m_class->currentText(), Qt::MatchFixedString);
        if (found >= 0)
            m_class->setCurrentIndex(found);
        m_class->setEditText(m_class->itemText(m_class->currentIndex()));
    });
    connect(m_size, &QSlider::valueChanged, this, &FilterBar::thumbnailSideChanged);
}

void FilterBar::emitNow() {
    m_typing.stop();
    Q_EMIT changed();
}

void FilterBar::fill(QComboBox* box, const QString& all, const QStringList& names) {
    const QSignalBlocker quiet(box);
    const QString before = box->currentText();
    box->clear();
    box->addItem(all, kAll);
    for (int i = 0; i < names.size(); ++i)
        box->addItem(names[i], i);
    box->setCurrentIndex(std::max(0, box->findText(before, Qt::MatchExactly | Qt::MatchCaseSensitive)));
}

void FilterBar::setChoices(const Choices& choices) {
    m_classNames = choices.classNames;
    fill(m_class, tr("All classes"), choices.classNames);
    if (choices.hasUnlabelled && !choices.classNames.isEmpty())
        m_class->insertItem(1, tr("Without class"), kNone);
    fill(m_tag, tr("All tags"), choices.tags);
    fill(m_split, tr("All splits"), choices.splits);
    m_class->setVisible(!choices.classNames.isEmpty());
    m_tag->setVisible(!choices.tags.isEmpty());
    m_split->setVisible(!choices.splits.isEmpty());
}

void FilterBar::setFilter(const SampleFilter& filter) {
    const QSignalBlocker quiet[] = {QSignalBlocker(m_search), QSignalBlocker(m_class), QSignalBlocker(m_tag),
                                    QSignalBlocker(m_split)};
    m_search->setText(QString::fromStdString(filter.text));
    m_class->setCurrentIndex(std::max(0, m_class->findData(filter.label.value_or(kAll))));
    m_tag->setCurrentIndex(std::max(0, m_tag->findText(QString::fromStdString(filter.tag))));
    m_split->setCurrentIndex(
        std::max(0, m_split->findText(QString::fromStdString(filter.split.value_or(std::string())))));
}

SampleFilter FilterBar::filter() const {
    SampleFilter filter;
    if (m_class->currentData().isValid() && m_class->currentData().toInt() != kAll)
        filter.label = m_class->currentData().toInt();
    filter.text = m_search->text().trimmed().toStdString();
    if (m_tag->currentIndex() > 0)
        filter.tag = m_tag->currentText().toStdString();
    if (m_split->currentIndex() > 0)
        filter.split = m_split->currentText().toStdString();
    return filter;
}

SampleSort FilterBar::sort() const {
    return kSorts[std::max(0, m_sort->currentIndex())].sort;
}

bool FilterBar::filtering() const {
    const SampleFilter current = filter();
    return current.label || !current.text.empty() || !current.tag.empty() || current.split;
}

void FilterBar::clear() {
    if (!filtering() && m_search->text().isEmpty())
        return;
    setFilter({});
    emitNow();
}

void FilterBar::focusSearch() {
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void FilterBar::setThumbnailSide(int side) {
    const QSignalBlocker quiet(m_size);
    m_size->setValue(side);
}

} // namespace diptych::ui
