// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/filter_bar.h"

#include "ui/theme/theme.h"
#include "ui/widgets/multi_choice.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QAction>
#include <QBoxLayout>
#include <QComboBox>
#include <QEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QSignalBlocker>
#include <QSlider>

#include <algorithm>

namespace diptych::ui {

namespace {
constexpr int kTypingMs = 200;
const QString kNoted = QStringLiteral("\n"); // no tag has a line break: samples with a note
constexpr QChar kIdSeparator(0x1f);          // between column and value

MultiChoice::Choice choiceOf(const ColumnInfo& column, const ColumnInfo::Value& value) {
    const QString name = QString::fromStdString(column.name), text = QString::fromStdString(value.text);
    return {name + kIdSeparator + text, FilterBar::tr("%1: %2").arg(name, text.simplified()), value.count};
}

QStringList textIds(const std::vector<std::string>& texts) {
    QStringList ids;
    for (const std::string& text : texts)
        ids << QString::fromStdString(text);
    return ids;
}

std::vector<std::string> texts(const QStringList& ids) {
    std::vector<std::string> texts;
    for (const QString& id : ids)
        texts.push_back(id.toStdString());
    return texts;
}

QStringList classIds(const SampleFilter& filter) {
    QStringList ids;
    for (const int label : filter.labels)
        ids << QString::number(label);
    return ids;
}

QStringList valueIds(const SampleFilter& filter) {
    QStringList ids;
    for (const ColumnFilter& column : filter.columns)
        for (const std::string& value : column.values)
            ids << QString::fromStdString(column.column) + kIdSeparator + QString::fromStdString(value);
    return ids;
}

QStringList tagIds(const SampleFilter& filter) {
    QStringList ids = textIds(filter.tags);
    if (filter.noted)
        ids << kNoted;
    return ids;
}

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
      m_sort(new QComboBox(this)),
      m_size(new QSlider(Qt::Horizontal, this)),
      m_class(new MultiChoice(this)),
      m_columns(new MultiChoice(this)),
      m_tag(new MultiChoice(this)),
      m_split(new MultiChoice(this)) {
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

    m_class->setObjectName(QStringLiteral("classFilter"));
    m_class->setAccessibleName(tr("Class"));
    m_columns->setObjectName(QStringLiteral("columnFilter"));
    m_columns->setAccessibleName(tr("Columns of the source"));
    m_tag->setObjectName(QStringLiteral("tagFilter"));
    m_tag->setAccessibleName(tr("Tag"));
    m_split->setObjectName(QStringLiteral("splitFilter"));
    m_split->setAccessibleName(tr("Split"));
    m_sort->setAccessibleName(tr("Order"));
    m_sort->setToolTip(m_sort->accessibleName());
    m_sort->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_sort->setMinimumContentsLength(9);

    m_size->setRange(ThumbnailGrid::kSmallestSide, ThumbnailGrid::kLargestSide);
    m_size->setSingleStep(16);
    m_size->setPageStep(32);
    m_size->setFixedWidth(110);
    m_size->setAccessibleName(tr("Size of the pictures"));
    m_size->setToolTip(tr("Size of the pictures (Ctrl+wheel)"));

    m_find = new QHBoxLayout;
    m_find->setSpacing(theme::kSmall);
    m_find->addWidget(m_search, 3);
    m_find->addWidget(m_sort, 2);
    m_find->addSpacing(theme::kSmall);
    m_find->addWidget(m_size);
    auto* only = new QHBoxLayout;
    only->setSpacing(theme::kSmall);
    for (QWidget* filter : std::initializer_list<QWidget*>{m_class, m_columns, m_tag, m_split})
        only->addWidget(filter, 1);
    only->addStretch(0);
    m_lines = new QBoxLayout(QBoxLayout::TopToBottom, this);
    m_lines->setContentsMargins(0, 0, 0, 0);
    m_lines->setSpacing(theme::kSmall);
    m_lines->setSizeConstraint(QLayout::SetNoConstraint); // as a window of its own it may become narrower too
    m_lines->addLayout(m_find);
    m_lines->addLayout(only);
}

/// On one line where nothing is cut there, else on two.
void FilterBar::arrange() {
    int wanted = m_search->minimumWidth() + theme::kSmall;
    for (int i = 0; i < m_find->count(); ++i)
        if (const QWidget* control = m_find->itemAt(i)->widget(); control && control != m_search)
            wanted += control->sizeHint().width() + theme::kSmall;
    for (QWidget* filter : std::initializer_list<QWidget*>{m_class, m_columns, m_tag, m_split}) {
        filter->setMaximumWidth(2 * filter->sizeHint().width()); // one alone should not take a whole line
        if (!filter->isHidden())
            wanted += filter->sizeHint().width() + theme::kSmall;
    }
    const bool wide = width() >= wanted;
    m_lines->setDirection(wide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

QSize FilterBar::minimumSizeHint() const {
    QSize size = QWidget::minimumSizeHint();
    size.setWidth(0);
    for (int i = 0; i < m_lines->count(); ++i)
        size.setWidth(std::max(size.width(), m_lines->itemAt(i)->minimumSize().width()));
    return size;
}

void FilterBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
}

void FilterBar::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        arrange();
}

void FilterBar::connectControls() {
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingMs);
    connect(&m_typing, &QTimer::timeout, this, &FilterBar::changed);
    connect(m_search, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
    connect(m_search, &QLineEdit::returnPressed, this, &FilterBar::emitNow);
    connect(m_sort, &QComboBox::currentIndexChanged, this, &FilterBar::emitNow);
    connect(m_class, &MultiChoice::changed, this, &FilterBar::takeClasses);
    connect(m_columns, &MultiChoice::changed, this, &FilterBar::takeColumns);
    connect(m_tag, &MultiChoice::changed, this, &FilterBar::takeTags);
    connect(m_split, &MultiChoice::changed, this, &FilterBar::takeSplits);
    connect(m_size, &QSlider::valueChanged, this, &FilterBar::thumbnailSideChanged);
}

void FilterBar::emitNow() {
    m_typing.stop();
    Q_EMIT changed();
}

void FilterBar::fillClasses(const Choices& choices) {
    const auto countOf = [&](int label) {
        const auto found = choices.labelCounts.find(label);
        return found == choices.labelCounts.end() ? 0LL : static_cast<long long>(found->second);
    };
    std::vector<MultiChoice::Choice> classes;
    if (countOf(-1) > 0 && !choices.classNames.isEmpty())
        classes.push_back({QStringLiteral("-1"), tr("Without class"), countOf(-1)});
    for (int i = 0; i < choices.classNames.size(); ++i)
        classes.push_back({QString::number(i), choices.classNames[i], countOf(i)});
    m_class->setChoices(tr("All classes"), tr("%1 classes"), classes);
}

void FilterBar::fillColumns(const std::vector<ColumnInfo>& columns) {
    std::vector<MultiChoice::Choice> values;
    for (const ColumnInfo& column : columns)
        for (const ColumnInfo::Value& value : column.values)
            values.push_back(choiceOf(column, value));
    m_columns->setChoices(tr("All columns"), tr("%1 values"), values);
}

void FilterBar::fillOrders(const std::vector<ColumnInfo>& columns) {
    QStringList names;
    for (const ColumnInfo& column : columns)
        names << QString::fromStdString(column.name);
    if (m_sort->count() > 0 && names == m_shownColumns)
        return;
    m_shownColumns = names;
    const QSignalBlocker quiet(m_sort);
    const QString before = m_sort->currentText();
    m_sort->clear();
    for (const SortChoice& choice : kSorts)
        m_sort->addItem(tr(choice.title));
    for (const ColumnInfo& column : columns) {
        const QString name = QString::fromStdString(column.name);
        m_sort->addItem(column.numeric ? tr("%1, least first").arg(name) : tr("%1, A to Z").arg(name));
        m_sort->addItem(column.numeric ? tr("%1, most first").arg(name) : tr("%1, Z to A").arg(name));
    }
    m_sort->setCurrentIndex(std::max(0, m_sort->findText(before)));
}

void FilterBar::setChoices(const Choices& choices) {
    fillClasses(choices);
    fillColumns(choices.columns);
    fillOrders(choices.columns);
    std::vector<MultiChoice::Choice> tags, splits;
    for (const TagInfo& tag : choices.tags)
        tags.push_back({QString::fromStdString(tag.name), QString::fromStdString(tag.name), tag.count});
    if (choices.noteCount > 0)
        tags.push_back({kNoted, tr("With a note"), choices.noteCount});
    for (const auto& [name, count] : choices.splits)
        splits.push_back({name, name, count});
    m_tag->setChoices(tr("All tags"), tr("%1 tags"), tags);
    m_split->setChoices(tr("All splits"), tr("%1 splits"), splits);
    setFilter(filter()); // some of it may be there to be chosen only now
    showChoices();
}

void FilterBar::setFilter(const SampleFilter& filter) {
    m_set = filter;
    const QString text = QString::fromStdString(filter.text);
    if (!m_typing.isActive() && m_search->text().trimmed() != text) {
        const QSignalBlocker quiet(m_search);
        m_search->setText(text);
    }
    m_class->setChosen(classIds(filter));
    m_columns->setChosen(valueIds(filter));
    m_tag->setChosen(tagIds(filter));
    m_split->setChosen(textIds(filter.splits));
}

SampleFilter FilterBar::filter() const {
    SampleFilter filter = m_set;
    filter.text = m_search->text().trimmed().toStdString();
    return filter;
}

/// What is chosen now of that part of the filter. What was set and is not in the list stays, unless all is
/// taken away.
QStringList FilterBar::chosenOf(const MultiChoice* choice, const QStringList& set) {
    QStringList chosen = choice->chosen();
    if (chosen.isEmpty())
        return {};
    const QStringList listed = choice->ids();
    for (const QString& id : set)
        if (!listed.contains(id))
            chosen << id;
    return chosen;
}

void FilterBar::takeClasses() {
    const QStringList chosen = chosenOf(m_class, classIds(m_set));
    m_set.labels.clear();
    for (const QString& label : chosen)
        m_set.labels.push_back(label.toInt());
    emitNow();
}

void FilterBar::takeColumns() {
    const QStringList chosen = chosenOf(m_columns, valueIds(m_set));
    m_set.columns.clear();
    for (const QString& id : chosen) {
        const std::string column = id.section(kIdSeparator, 0, 0).toStdString();
        const std::string value = id.section(kIdSeparator, 1).toStdString();
        const auto known = std::find_if(m_set.columns.begin(), m_set.columns.end(),
                                        [&](const ColumnFilter& filter) { return filter.column == column; });
        if (known != m_set.columns.end())
            known->values.push_back(value);
        else
            m_set.columns.push_back({column, {value}});
    }
    emitNow();
}

void FilterBar::takeTags() {
    QStringList chosen = chosenOf(m_tag, tagIds(m_set));
    m_set.noted = chosen.removeAll(kNoted) > 0;
    m_set.tags = texts(chosen);
    emitNow();
}

void FilterBar::takeSplits() {
    m_set.splits = texts(chosenOf(m_split, textIds(m_set.splits)));
    emitNow();
}

void FilterBar::setSort(const SampleSort& sort) {
    const QSignalBlocker quiet(m_sort);
    for (int i = 0; i < m_sort->count(); ++i) {
        m_sort->setCurrentIndex(i);
        if (this->sort() == sort)
            return;
    }
    m_sort->setCurrentIndex(0);
}

SampleSort FilterBar::sort() const {
    const int index = std::max(0, m_sort->currentIndex());
    const int fixed = static_cast<int>(std::size(kSorts));
    if (index < fixed)
        return kSorts[index].sort;
    return {SampleOrder::Column, (index - fixed) % 2 == 1, m_shownColumns[(index - fixed) / 2].toStdString()};
}

void FilterBar::setChoicesShown(bool shown) {
    m_choicesShown = shown;
    showChoices();
}

void FilterBar::showChoices() {
    for (MultiChoice* choice : {m_class, m_columns, m_tag, m_split})
        choice->setVisible(m_choicesShown && choice->list()->count() > 0);
    arrange();
}

void FilterBar::addTool(QWidget* tool) {
    m_find->addWidget(tool);
    arrange();
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
