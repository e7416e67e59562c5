// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/map/map_setup.h"

#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/param_form.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScreen>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {

namespace {

constexpr int kByText = -1; // in place of a ProjectionMethod
constexpr int kPanelWidth = 340;

ParamSpec number(const char* id, const QString& title, const QString& help, ParamSpec::Type type, Json value,
                 double least, double most) {
    ParamSpec spec;
    spec.id = id;
    spec.title = title.toStdString();
    spec.help = help.toStdString();
    spec.type = type;
    spec.defaultValue = std::move(value);
    spec.minimum = least;
    spec.maximum = most;
    return spec;
}

ParamSpec choice(const char* id, const QString& title, const QString& help, ParamSpec::Type type, Json value,
                 std::vector<std::string> choices = {}) {
    ParamSpec spec = number(id, title, help, type, std::move(value), 0, 0);
    spec.choices = std::move(choices);
    return spec;
}

} // namespace

MapSetup::MapSetup(QWidget* parent) : QWidget(parent) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::kSmall);
    m_dataset = addCombo("mapDataset", tr("Dataset"), 7);
    m_model = addCombo("mapModel", tr("Model"), 7);
    m_content = addCombo("mapContent", tr("What the map shows"), 6);
    m_content->addItem(tr("Images"), static_cast<int>(MapContent::Images));
    m_content->addItem(tr("Texts"), static_cast<int>(MapContent::Texts));
    m_content->addItem(tr("Both"), static_cast<int>(MapContent::Both));
    m_method = addCombo("mapMethod", tr("How points are laid out"), 5);
    for (const ProjectionMethod method : projectionMethods())
        m_method->addItem(toQString(projectionMethodTitle(method)), static_cast<int>(method));
    m_method->addItem(tr("Text axes"), kByText);
    m_method->setItemData(m_method->count() - 1, tr("Each axis is a text, or one text minus another"),
                          Qt::ToolTipRole);
    m_settings = new QToolButton;
    m_settings->setObjectName(QStringLiteral("mapSettings"));
    m_settings->setIcon(theme::icon(QStringLiteral("settings")));
    m_settings->setToolTip(tr("Settings of the method and of the texts"));
    m_settings->setAccessibleName(m_settings->toolTip());
    row->addWidget(m_settings);
    row->addStretch(1);
    m_make = new QPushButton(tr("Make map"));
    m_make->setObjectName(QStringLiteral("makeMap"));
    theme::makePrimary(m_make);
    row->addWidget(m_make);
    buildSettings();
    for (QComboBox* box : {m_dataset, m_model, m_content, m_method})
        connect(box, &QComboBox::currentIndexChanged, this, &MapSetup::edited);
    connect(m_dataset, &QComboBox::activated, this, [this] { Q_EMIT datasetChosen(dataset()); });
    connect(m_settings, &QToolButton::clicked, this, &MapSetup::showSettings);
    connect(m_make, &QPushButton::clicked, this, [this] {
        m_panel->hide();
        if (m_making)
            Q_EMIT cancelRequested();
        else
            Q_EMIT makeRequested();
    });
}

QComboBox* MapSetup::addCombo(const char* name, const QString& title, int characters) {
    auto* box = new ChoiceBox(name, title, characters);
    layout()->addWidget(box);
    return box;
}

void MapSetup::buildSettings() {
    m_panel = new QFrame(this, Qt::Popup);
    m_panel->setObjectName(QStringLiteral("mapSettingsPanel"));
    m_panel->setFrameShape(QFrame::StyledPanel);
    m_panel->setAccessibleName(tr("Settings of the map"));
    auto* column = new QVBoxLayout(m_panel);
    column->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
    m_form = new ParamForm;
    column->addWidget(m_form);
    auto* note = new QLabel(tr("The same settings and seed give the same map."));
    note->setWordWrap(true);
    theme::style(note, theme::Text::Caption);
    column->addWidget(note);
    connect(m_form, &ParamForm::changed, this, &MapSetup::changed);
    fillSettings();
}

void MapSetup::addMethodSpecs(std::vector<ParamSpec>& specs) const {
    using Type = ParamSpec::Type;
    const ProjectionOptions usual;
    const ProjectionMethod chosen = method();
    if (chosen != ProjectionMethod::Tsne)
        specs.push_back(choice("dimensions", tr("Dimensions"),
                               tr("A map of three dimensions is turned with the tool Turn"), Type::Choice,
                               "2", {"2", "3"}));
    if (chosen == ProjectionMethod::Pca)
        return;
    if (chosen == ProjectionMethod::Tsne)
        specs.push_back(number("perplexity", tr("Perplexity"),
                               tr("How many neighbours of a point count; larger shows coarser structure"),
                               Type::Float, usual.perplexity, 2, 500));
    if (chosen == ProjectionMethod::Umap) {
        specs.push_back(number("neighbours", tr("Neighbours"),
                               tr("How many neighbours of a point count; larger shows coarser structure"),
                               Type::Int, usual.neighbours, 2, 500));
        specs.push_back(number("min_distance", tr("Least distance"),
                               tr("How close points may lie in the map; 0 packs clusters tightly"),
                               Type::Float, usual.minDistance, 0, 0.99));
    }
    specs.push_back(number("iterations", tr("Iterations"), tr("0 takes as many as the method usually does"),
                           Type::Int, usual.iterations, 0, 10000));
    specs.push_back(
        number("seed", tr("Seed"), tr("Another seed lays the points out differently"), Type::Int, 0, 0, 1e9));
}

void MapSetup::addTextSpecs(std::vector<ParamSpec>& specs) const {
    using Type = ParamSpec::Type;
    if (content() == MapContent::Images)
        return;
    specs.push_back(choice("texts", tr("Texts"), tr("One for each class, or the captions of the images"),
                           Type::Choice, "classes", {"classes", "captions"}));
    specs.push_back(choice("templates", tr("Class prompts"),
                           tr("A set of prompts, or a template such as “a photo of a {}.”"), Type::Text,
                           MapSpec().templates));
    if (content() == MapContent::Both)
        specs.push_back(
            choice("center", tr("Close the gap"),
                   tr("Subtracts from images and from texts the mean of each, which takes the gap "
                      "between the two away"),
                   Type::Bool, false));
}

void MapSetup::addAxisSpecs(std::vector<ParamSpec>& specs) const {
    std::vector<std::string> names;
    if (datasetIndex() < m_choices.classNames.size())
        names = m_choices.classNames[datasetIndex()];
    const auto usual = [&](size_t i) {
        return i < names.size() ? "a photo of a " + names[i] : std::string();
    };
    const QString more = tr("Images that this describes better lie further along the axis");
    const QString less = tr("Images that this describes better lie further back; may be empty");
    using Type = ParamSpec::Type;
    specs.push_back(choice("x_text", tr("Across"), more, Type::Text, usual(0)));
    specs.push_back(choice("x_minus", tr("minus"), less, Type::Text, ""));
    specs.push_back(choice("y_text", tr("Upwards"), more, Type::Text, usual(1)));
    specs.push_back(choice("y_minus", tr("minus"), less, Type::Text, ""));
}

std::vector<ParamSpec> MapSetup::settingSpecs() const {
    std::vector<ParamSpec> specs;
    if (byText())
        addAxisSpecs(specs);
    else
        addMethodSpecs(specs);
    addTextSpecs(specs);
    std::vector<std::string> splits{tr("all").toStdString()};
    if (datasetIndex() < m_choices.splits.size()) {
        const auto& own = m_choices.splits[datasetIndex()];
        splits.insert(splits.end(), own.begin(), own.end());
    }
    if (splits.size() > 1)
        specs.push_back(choice("split", tr("Split"), tr("Only the samples of this split"),
                               ParamSpec::Type::Choice, splits.front(), splits));
    return specs;
}

void MapSetup::fillSettings() {
    m_kept.update(m_form->values());
    const std::vector<ParamSpec> specs = settingSpecs();
    m_form->setSpecs(specs);
    Json values = m_kept;
    for (const ParamSpec& spec : specs)
        if (!spec.choices.empty() && values.contains(spec.id) &&
            std::find(spec.choices.begin(), spec.choices.end(), values[spec.id]) == spec.choices.end())
            values.erase(spec.id); // another dataset's
    m_form->setValues(values);
    m_settings->setEnabled(!specs.empty());
}

void MapSetup::showSettings() {
    m_panel->setFixedWidth(kPanelWidth);
    m_panel->adjustSize();
    QPoint corner = m_settings->mapToGlobal(QPoint(0, m_settings->height() + 2));
    if (const QScreen* screen = m_settings->screen())
        corner.setX(std::min(corner.x(), screen->availableGeometry().right() - kPanelWidth));
    m_panel->move(corner);
    m_panel->show();
    m_form->setFocus();
}

void MapSetup::edited() {
    fillSettings();
    Q_EMIT changed();
}

void MapSetup::setChoices(Choices choices, DatasetId wanted) {
    const DatasetId chosen = wanted ? wanted : dataset();
    const QString model = m_model->currentText();
    m_choices = std::move(choices);
    {
        const QSignalBlocker blockDataset(m_dataset), blockModel(m_model);
        m_dataset->clear();
        for (const DatasetInfo& info : m_choices.datasets)
            m_dataset->addItem(toQString(info.name), QVariant::fromValue<qlonglong>(info.id.value));
        m_dataset->setCurrentIndex(
            std::max(0, m_dataset->findData(QVariant::fromValue<qlonglong>(chosen.value))));
        m_model->clear();
        for (const ModelRecord& record : m_choices.models)
            m_model->addItem(toQString(record.name));
        m_model->setCurrentIndex(std::max(0, m_model->findText(model)));
    }
    edited();
}

void MapSetup::chooseDataset(DatasetId id) {
    const int row = m_dataset->findData(QVariant::fromValue<qlonglong>(id.value));
    if (row >= 0)
        m_dataset->setCurrentIndex(row);
}

QString MapSetup::methodName() const {
    return byText() ? QStringLiteral("text") : toQString(projectionMethodName(method()));
}

void MapSetup::setMethodName(const QString& name) {
    for (int row = 0; row < m_method->count(); ++row) {
        const int data = m_method->itemData(row).toInt();
        const QString own = data == kByText
                                ? QStringLiteral("text")
                                : toQString(projectionMethodName(static_cast<ProjectionMethod>(data)));
        if (own == name)
            m_method->setCurrentIndex(row);
    }
}

bool MapSetup::byText() const {
    return m_method->currentData().toInt() == kByText;
}

std::vector<TextAxis> MapSetup::axes() const {
    if (!byText())
        return {};
    const Json values = m_form->values();
    const auto text = [&](const char* id) {
        return toQString(values.value(id, std::string())).trimmed().toStdString();
    };
    return {{text("x_text"), text("x_minus")}, {text("y_text"), text("y_minus")}};
}

size_t MapSetup::datasetIndex() const {
    return static_cast<size_t>(std::max(0, m_dataset->currentIndex()));
}

DatasetId MapSetup::dataset() const {
    return {m_dataset->currentData().toLongLong()};
}

int64_t MapSetup::imageCount() const {
    return datasetIndex() < m_choices.datasets.size() ? m_choices.datasets[datasetIndex()].sampleCount : 0;
}

ProjectionMethod MapSetup::method() const {
    return byText() ? ProjectionMethod::Pca : static_cast<ProjectionMethod>(m_method->currentData().toInt());
}

MapContent MapSetup::content() const {
    return static_cast<MapContent>(m_content->currentData().toInt());
}

MapSpec MapSetup::spec() const {
    const Json values = m_form->values();
    MapSpec spec;
    spec.dataset = m_dataset->currentText().toStdString();
    spec.model = m_model->currentText().toStdString();
    spec.content = content();
    spec.projection.method = method();
    spec.axes = axes();
    if (values.value("dimensions", std::string()) == "3")
        spec.projection.dimensions = 3;
    spec.projection.perplexity = values.value("perplexity", spec.projection.perplexity);
    spec.projection.neighbours = values.value("neighbours", spec.projection.neighbours);
    spec.projection.minDistance = values.value("min_distance", spec.projection.minDistance);
    spec.projection.iterations = values.value("iterations", spec.projection.iterations);
    spec.seed = values.value("seed", spec.seed);
    if (values.value("texts", std::string()) == "captions")
        spec.texts = MapTexts::Captions;
    spec.templates = values.value("templates", spec.templates);
    spec.center = values.value("center", false);
    const std::string split = values.value("split", std::string());
    if (split != tr("all").toStdString())
        spec.split = split;
    spec.encodeMissing = false; // neither wait for a run nor begin minutes of work: only when asked for
    return spec;
}

QString MapSetup::missing() const {
    if (m_choices.datasets.empty())
        return tr("There is no dataset yet: import one on the Datasets page.");
    if (m_choices.models.empty())
        return tr("There is no model yet: add a checkpoint folder on the Models page.");
    const std::vector<TextAxis> texts = axes();
    if (std::any_of(texts.begin(), texts.end(), [](const TextAxis& axis) { return axis.text.empty(); }))
        return tr("Say in the settings which texts span the map.");
    return {};
}

void MapSetup::setMaking(bool making) {
    m_making = making;
    m_make->setText(making ? tr("Cancel") : tr("Make map"));
    m_make->setEnabled(making || missing().isEmpty());
}

} // namespace diptych::ui
