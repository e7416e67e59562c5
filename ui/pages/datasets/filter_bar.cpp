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
      m_tag(new QComboBox(this)),
      m_split(new QComboBox(this)) {
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
    const std::pair<QComboBox*, QString> named[] = {
        {m_tag, tr("Tag")}, {m_split, tr("Split")}, {m_sort, tr("Order")}};
    for (const auto& [box, name] : named) {
        box->setAccessibleName(name);
        box->setToolTip(name);
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(9);
    }

    m_size->setRange(ThumbnailGrid::kSmallestSide, ThumbnailGrid::kLargestSide);
    m_size->setSingleStep(16);
    m_size->setPageStep(32);
    m_size->setFixedWidth(110);
    m_size->setAccessibleName(tr("Size of the pictures"));
    m_size->setToolTip(tr("Size of the pictures (Ctrl+wheel)"));

    auto* find = new QHBoxLayout;
    find->setSpacing(theme::kSmall);
    find->addWidget(m_search, 3);
    find->addWidget(m_sort, 2);
    find->addSpacing(theme::kSmall);
    find->addWidget(m_size);
    auto* only = new QHBoxLayout;
    only->setSpacing(theme::kSmall);
    for (QWidget* filter : std::initializer_list<QWidget*>{m_class, m_columns, m_tag, m_split})
        only->addWidget(filter, 1);
    only->addStretch(0);
    m_lines = new QBoxLayout(QBoxLayout::TopToBottom, this);
    m_lines->setContentsMargins(0, 0, 0, 0);
    m_lines->setSpacing(theme::kSmall);
    m_lines->setSizeConstraint(QLayout::SetNoConstraint); // as a window of its own it may become narrower too
    m_lines->addLayout(find);
    m_lines->addLayout(only);
}

/// On one line where nothing is cut there, else on two.
void FilterBar::arrange() {
    int wanted = m_search->minimumWidth() + m_sort->sizeHint().width() + m_size->width() + 3 * theme::kSmall;
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
    for (QComboBox* box : {m_tag, m_split, m_sort})
        connect(box, &QComboBox::currentIndexChanged, this, &FilterBar::emitNow);
    for (MultiChoice* choice : {m_class, m_columns})
        connect(choice, &MultiChoice::changed, this, &FilterBar::emitNow);
    connect(m_size, &QSlider::valueChanged, this, &FilterBar::thumbnailSideChanged);
}

void FilterBar::emitNow() {
    m_typing.stop();
    Q_EMIT changed();
}

void FilterBar::fill(QComboBox* box, const QString& all,
                     const std::vector<std::pair<QString, QString>>& names) {
    const QSignalBlocker quiet(box);
    const QVariant before = box->currentData();
    box->clear();
    box->addItem(all);
    for (const auto& [stored, shown] : names)
        box->addItem(shown, stored);
    box->setCurrentIndex(before.isValid() ? std::max(0, box->findData(before)) : 0);
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
    m_class->setVisible(!choices.classNames.isEmpty());
}

void FilterBar::fillColumns(const std::vector<ColumnInfo>& columns) {
    std::vector<MultiChoice::Choice> values;
    for (const ColumnInfo& column : columns)
        for (const ColumnInfo::Value& value : column.values)
            values.push_back(choiceOf(column, value));
    m_columns->setChoices(tr("All columns"), tr("%1 values"), values);
    m_columns->setVisible(!values.empty());
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
    std::vector<std::pair<QString, QString>> tags, splits;
    for (const TagInfo& tag : choices.tags) {
        const QString name = QString::fromStdString(tag.name);
        tags.emplace_back(name, tr("%1  (%2)").arg(name).arg(tag.count));
    }
    if (choices.anyNotes)
        tags.emplace_back(kNoted, tr("With a note"));
    for (const QString& split : choices.splits)
        splits.emplace_back(split, split);
    fill(m_tag, tr("All tags"), tags);
    fill(m_split, tr("All splits"), splits);
    m_tag->setVisible(!tags.empty());
    m_split->setVisible(!splits.empty());
    arrange();
}

void FilterBar::setFilter(const SampleFilter& filter) {
    const QSignalBlocker quiet[] = {QSignalBlocker(m_search), QSignalBlocker(m_tag), QSignalBlocker(m_split)};
    m_search->setText(QString::fromStdString(filter.text));
    QStringList classes, values;
    for (const int label : filter.labels)
        classes << QString::number(label);
    for (const ColumnFilter& column : filter.columns)
        for (const std::string& value : column.values)
            values << QString::fromStdString(column.column) + kIdSeparator + QString::fromStdString(value);
    m_class->setChosen(classes);
    m_columns->setChosen(values);
    const QString tag = filter.noted          ? kNoted
                        : filter.tags.empty() ? QString()
                                              : QString::fromStdString(filter.tags.front());
    m_tag->setCurrentIndex(tag.isEmpty() ? 0 : std::max(0, m_tag->findData(tag)));
    const QString split = filter.splits.empty() ? QString() : QString::fromStdString(filter.splits.front());
    m_split->setCurrentIndex(filter.splits.empty() ? 0 : std::max(0, m_split->findData(split)));
}

SampleFilter FilterBar::filter() const {
    SampleFilter filter;
    for (const QString& label : m_class->chosen())
        filter.labels.push_back(label.toInt());
    for (const QString& id : m_columns->chosen()) {
        const std::string column = id.section(kIdSeparator, 0, 0).toStdString();
        const std::string value = id.section(kIdSeparator, 1).toStdString();
        if (filter.columns.empty() || filter.columns.back().column != column)
            filter.columns.push_back({column, {}});
        filter.columns.back().values.push_back(value);
    }
    filter.text = m_search->text().trimmed().toStdString();
    const QString tag = m_tag->currentData().toString();
    filter.noted = tag == kNoted;
    if (!filter.noted && !tag.isEmpty())
        filter.tags = {tag.toStdString()};
    if (m_split->currentIndex() > 0)
        filter.splits = {m_split->currentData().toString().toStdString()};
    return filter;
}

SampleSort FilterBar::sort() const {
    const int index = std::max(0, m_sort->currentIndex());
    const int fixed = static_cast<int>(std::size(kSorts));
    if (index < fixed)
        return kSorts[index].sort;
    return {SampleOrder::Column, (index - fixed) % 2 == 1, m_shownColumns[(index - fixed) / 2].toStdString()};
}

bool FilterBar::filtering() const {
    const SampleFilter current = filter();
    return !current.labels.empty() || !current.columns.empty() || !current.text.empty() ||
           !current.tags.empty() || current.noted || !current.splits.empty();
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
