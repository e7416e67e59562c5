// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/models/models_page.h"

#include "core/base/file.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/state/settings.h"
#include "ui/theme/theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/table_view.h"

#include <QBoxLayout>
#include <QDir>
#include <QEvent>
#include <QFile>
#include <QFileDialog>
#include <QFormLayout>
#include <QInputDialog>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>

#include <utility>

namespace diptych::ui {

QVariant ModelsModel::header(int column) const {
    switch (column) {
    case Name:
        return tr("Model");
    case Family:
        return tr("Family");
    case Parameters:
        return tr("Parameters");
    case Resolution:
        return tr("Image");
    case Embedding:
        return tr("Embedding");
    default:
        return tr("Weights");
    }
}

QVariant ModelsModel::cell(const ModelRow& row, int column, int role) const {
    const ModelInfo& info = row.info;
    if (role == kSortRole) {
        if (column == Parameters)
            return QVariant::fromValue<qlonglong>(info.parameterCount);
        if (column == Resolution)
            return info.imageSize;
        if (column == Embedding)
            return info.embeddingDim;
        if (column == Weights)
            return QVariant::fromValue<qulonglong>(info.weightBytes);
    }
    if (role == Qt::ForegroundRole && row.missing)
        return theme::colors().danger;
    if (role == Qt::ToolTipRole && column == Name)
        return toQString(displayPath(row.record.directory));
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    switch (column) {
    case Name:
        return row.missing && role == Qt::DisplayRole
                   ? tr("⚠ %1: folder not found").arg(toQString(row.record.name))
                   : toQString(row.record.name);
    case Family:
        return toQString(info.familyTitle);
    case Parameters:
        return countText(info.parameterCount);
    case Resolution:
        return info.imageSize > 0 ? tr("%1 px").arg(info.imageSize) : tr("any");
    case Embedding:
        return tr("%1 d").arg(info.embeddingDim);
    default:
        return tr("%1, %2").arg(bytesText(info.weightBytes), toQString(info.weightPrecision));
    }
}

ModelsPage::ModelsPage(const PageContext& context) : Page(context), m_loading(context.jobs, this) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack = new QStackedWidget;
    outer->addWidget(m_stack);
    m_empty = new EmptyState(
        QStringLiteral("models"), tr("No models yet"),
        tr("Add a checkpoint folder from the Hugging Face hub: config.json, model.safetensors, the "
           "tokenizer's files and preprocessor_config.json."),
        tr("Add a model folder…"));
    connect(m_empty, &EmptyState::actionTriggered, this, &ModelsPage::chooseFolder);
    m_stack->addWidget(m_empty);

    auto* content = new QWidget;
    auto* layout = new QHBoxLayout(content);
    layout->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kHuge);
    layout->setSpacing(theme::kHuge);
    auto* left = new QVBoxLayout;
    left->setSpacing(theme::kMedium);
    auto* bar = new QHBoxLayout;
    auto* heading = new QLabel(tr("Models"));
    theme::style(heading, theme::Text::Title);
    auto* add = new QPushButton(tr("Add a model folder…"));
    add->setObjectName(QStringLiteral("addModel"));
    connect(add, &QPushButton::clicked, this, &ModelsPage::chooseFolder);
    connect(&state(), &AppState::workspaceChanged, add, [this, add] {
        add->setEnabled(!state().readOnly());
        m_empty->button()->setEnabled(!state().readOnly());
    });
    bar->addWidget(heading);
    bar->addStretch(1);
    bar->addWidget(add);
    left->addLayout(bar);
    m_table = new TableView;
    m_table->setObjectName(QStringLiteral("modelsTable"));
    m_table->setAccessibleName(tr("Models"));
    m_table->setSource(&m_models);
    m_table->setStretchColumn(ModelsModel::Name);
    connect(m_table, &TableView::currentSourceRowChanged, this, &ModelsPage::showDetails);
    left->addWidget(m_table, 1);
    layout->addLayout(left, 3);
    layout->addWidget(buildDetails(), 2);
    m_stack->addWidget(content);

    connect(&state(), &AppState::workspaceChanged, this, &ModelsPage::reload);
    connect(&state(), &AppState::modelsChanged, this, &ModelsPage::reload);
    connect(&state(), &AppState::addModelRequested, this, &ModelsPage::offerFolder);
}

QWidget* ModelsPage::buildDetails() {
    auto* details = new QWidget;
    auto* layout = new QVBoxLayout(details);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::kMedium);
    m_title = new QLabel;
    m_title->setWordWrap(true);
    theme::style(m_title, theme::Text::Heading);
    layout->addWidget(m_title);
    m_missing = new QLabel;
    m_missing->setObjectName(QStringLiteral("modelMissing"));
    m_missing->setTextFormat(Qt::PlainText);
    m_missing->setWordWrap(true);
    layout->addWidget(m_missing);
    auto* formHost = new QWidget;
    m_form = new QFormLayout(formHost);
    m_form->setContentsMargins(0, 0, 0, 0);
    m_form->setHorizontalSpacing(theme::kLarge);
    m_form->setVerticalSpacing(theme::kSmall);
    m_form->setRowWrapPolicy(QFormLayout::WrapLongRows);
    auto* scroll = new QScrollArea;
    scroll->setAccessibleName(tr("Details of the model"));
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setWidget(formHost);
    layout->addWidget(scroll, 1);
    m_evaluate = new QPushButton(tr("Evaluate…"));
    m_rename = new QPushButton(tr("Rename…"));
    m_rename->setObjectName(QStringLiteral("renameModel"));
    m_locate = new QPushButton(tr("Locate…"));
    m_locate->setObjectName(QStringLiteral("locateModel"));
    m_locate->setToolTip(tr("Say where the folder was moved to"));
    m_remove = new QPushButton(tr("Remove"));
    m_remove->setToolTip(tr("Remove from the workspace; files and runs stay"));
    connect(m_rename, &QPushButton::clicked, this, &ModelsPage::rename);
    connect(m_locate, &QPushButton::clicked, this, &ModelsPage::locate);
    connect(m_evaluate, &QPushButton::clicked, this,
            [this] { state().showEvaluate({}, m_models.row(m_table->currentSourceRow()).record.id); });
    connect(m_remove, &QPushButton::clicked, this, &ModelsPage::removeCurrent);
    m_buttons = new QBoxLayout(QBoxLayout::LeftToRight);
    for (const auto& [first, second] : {std::pair(m_evaluate, m_rename), std::pair(m_locate, m_remove)}) {
        auto* pair = new QHBoxLayout;
        pair->addWidget(first);
        pair->addWidget(second);
        m_buttons->addLayout(pair);
    }
    auto* row = new QHBoxLayout;
    row->addLayout(m_buttons);
    row->addStretch(1);
    layout->addLayout(row);
    m_details = details;
    return details;
}

/// What has no room in a small window or with large text: the details say it too, and two lines hold the
/// buttons.
void ModelsPage::arrange() {
    for (int column = 0; column < ModelsModel::ColumnCount; ++column)
        m_table->setColumnHidden(column, false); // a hidden one does not say how wide it would be
    int room = m_table->viewport()->width();
    for (int column = 0; column < ModelsModel::ColumnCount; ++column) {
        room -= m_table->contentWidth(column);
        m_table->setColumnHidden(column, column != ModelsModel::Name && room < 0);
    }
    m_table->setStretchColumn(ModelsModel::Name);
    int wanted = 0;
    for (const QPushButton* button : {m_evaluate, m_rename, m_locate, m_remove})
        wanted += button->sizeHint().width() + m_buttons->spacing();
    m_buttons->setDirection(wanted <= m_details->width() ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

/// Once the page's parts have their places.
void ModelsPage::arrangeSoon() {
    QMetaObject::invokeMethod(this, &ModelsPage::arrange, Qt::QueuedConnection);
}

void ModelsPage::resizeEvent(QResizeEvent* event) {
    Page::resizeEvent(event);
    arrangeSoon();
}

void ModelsPage::changeEvent(QEvent* event) {
    Page::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        arrangeSoon();
}

void ModelsPage::activated() {
    arrangeSoon();
    if (m_models.rowCount() == 0)
        reload();
}

void ModelsPage::refresh() {
    reload();
}

void ModelsPage::reload() {
    const auto session = state().session();
    if (!session) {
        m_models.setRows({});
        m_stack->setCurrentIndex(0);
        return;
    }
    m_loading.start(
        JobSpec(tr("Load models")).setShown(false),
        [session](const RunContext&) {
            std::vector<ModelRow> rows;
            for (ModelRecord& record : session->workspace().models()) {
                ModelInfo info = ModelInfo::fromJson(record.info, record.name);
                const bool missing = !session->workspace().modelReachable(record.id);
                rows.push_back({std::move(record), std::move(info), missing});
            }
            return rows;
        },
        [this](std::vector<ModelRow> rows) {
            const bool any = !rows.empty();
            int row = any ? 0 : -1;
            for (size_t i = 0; i < rows.size(); ++i)
                if (rows[i].record.id == state().currentModel())
                    row = static_cast<int>(i);
            m_models.setRows(std::move(rows));
            m_stack->setCurrentIndex(any ? 1 : 0);
            arrangeSoon();
            if (any)
                m_table->setCurrentSourceRow(row);
            showDetails(row);
        });
}

void ModelsPage::addRow(const QString& name, const QString& value) {
    auto* key = new QLabel(name);
    theme::style(key, theme::Text::Caption);
    auto* label = new QLabel(value);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_form->addRow(key, label);
}

void ModelsPage::showDetails(int row) {
    while (m_form->rowCount() > 0)
        m_form->removeRow(0);
    const bool any = row >= 0 && row < m_models.rowCount();
    const bool missing = any && m_models.row(row).missing;
    m_evaluate->setEnabled(any && !missing);
    m_missing->setVisible(missing);
    m_rename->setEnabled(any && !state().readOnly());
    m_locate->setEnabled(any && !state().readOnly());
    m_remove->setEnabled(any && !state().readOnly());
    m_title->setText(any ? toQString(m_models.row(row).record.name) : QString());
    if (!any)
        return;
    const ModelInfo& info = m_models.row(row).info;
    m_missing->setText(tr("The checkpoint is not in %1 any more. “Locate…” says where it was moved to.")
                           .arg(toQString(displayPath(m_models.row(row).record.directory))));
    state().setCurrentModel(m_models.row(row).record.id);
    addRow(tr("Family"), toQString(info.familyTitle));
    addRow(tr("Folder"), toQString(displayPath(m_models.row(row).record.directory)));
    addRow(tr("Licence"), info.licence.empty() ? tr("Not stated in the folder") : toQString(info.licence));
    addRow(tr("Parameters"), countText(info.parameterCount));
    addRow(tr("Weights on disk"),
           tr("%1 as %2").arg(bytesText(info.weightBytes), toQString(info.weightPrecision)));
    addRow(tr("Memory needed"), tr("about %1 in fp32").arg(bytesText(info.memoryNeededBytes)));
    QStringList faces;
    for (const std::string& face : info.faces.names())
        faces.append(toQString(face));
    addRow(tr("Gives"), faces.join(QStringLiteral(", ")));
    QStringList image{info.imageSize > 0 ? tr("%1 × %1 pixels").arg(info.imageSize)
                                         : tr("in its own proportions")};
    if (info.patchSize > 0)
        image.append(tr("patches of %1").arg(info.patchSize));
    addRow(tr("Image"), image.join(QStringLiteral(", ")));
    addRow(tr("Image tower"), tr("%1 layers, width %2").arg(info.visionLayers).arg(info.visionWidth));
    if (info.faces.textEmbeddings) {
        addRow(tr("Text tower"), tr("%1 layers, width %2").arg(info.textLayers).arg(info.textWidth));
        addRow(tr("Context"),
               tr("%1 tokens of %2").arg(info.contextLength).arg(countText(info.vocabularySize)));
        addRow(tr("Similarity"), toQString(similarityText(info.similarity)));
    }
    addRow(tr("Embedding"), tr("%1 dimensions").arg(info.embeddingDim));
    for (const auto& [what, value] : info.facts)
        addRow(toQString(what), toQString(value));
    addRow(tr("Fingerprint"), toQString(info.fingerprint));
}

void ModelsPage::chooseFolder() {
    const QString start = settings().value(QStringLiteral("models/lastFolder")).toString();
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Choose a checkpoint folder"), start);
    if (folder.isEmpty())
        return;
    settings().setValue(QStringLiteral("models/lastFolder"), folder);
    addFolder(folder);
}

void ModelsPage::offerFolder(const QString& folder) {
    if (!state().session() || state().readOnly())
        return;
    if (folder.isEmpty()) {
        chooseFolder();
        return;
    }
    auto* question = new QMessageBox(QMessageBox::Question, tr("Add model"),
                                     tr("Add the model in “%1”?").arg(QFileInfo(folder).fileName()),
                                     QMessageBox::Cancel, this);
    question->setObjectName(QStringLiteral("offerModel"));
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setInformativeText(
        tr("%1 holds a checkpoint. Its files stay where they are.").arg(QDir::toNativeSeparators(folder)));
    QPushButton* add = question->addButton(tr("Add the model"), QMessageBox::AcceptRole);
    question->setDefaultButton(add);
    connect(add, &QPushButton::clicked, this, [this, folder] { addFolder(folder); });
    question->open();
}

void ModelsPage::addFolder(const QString& folder) {
    const auto session = state().session();
    if (!session)
        return;
    const std::filesystem::path path(QFile::encodeName(folder).toStdString());
    jobs().start(
        JobSpec(tr("Add model %1").arg(QFileInfo(folder).fileName())),
        [session, path](const RunContext& context) { return session->addModel(path, context); }, this,
        [this](ModelId added) {
            state().setCurrentModel(added); // so that it is the one selected
            state().notifyModelsChanged();
        });
}

void ModelsPage::rename() {
    const int row = m_table->currentSourceRow();
    if (row < 0)
        return;
    const ModelRecord& record = m_models.row(row).record;
    auto* dialog = new QInputDialog(this);
    dialog->setObjectName(QStringLiteral("modelName"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Rename model"));
    dialog->setLabelText(tr("Name"));
    dialog->setTextValue(toQString(record.name));
    connect(dialog, &QInputDialog::textValueSelected, this, [this, id = record.id](const QString& name) {
        const auto session = state().session();
        if (!session)
            return;
        jobs().start(
            JobSpec(tr("Rename model")).setShown(false),
            [session, id, name = name.toStdString()](const RunContext&) {
                session->workspace().renameModel(id, name);
            },
            this, [this] { state().notifyModelsChanged(); });
    });
    dialog->open();
}

void ModelsPage::locate() {
    const int row = m_table->currentSourceRow();
    if (row < 0)
        return;
    const ModelRecord& record = m_models.row(row).record;
    auto* dialog = new QFileDialog(this, tr("Where %1 lies now").arg(toQString(record.name)));
    dialog->setObjectName(QStringLiteral("modelFolder"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, id = record.id](const QString& folder) { relocate(id, folder); });
    dialog->open();
}

void ModelsPage::relocate(ModelId model, const QString& folder) {
    const auto session = state().session();
    if (!session)
        return;
    const std::filesystem::path path(QFile::encodeName(folder).toStdString());
    jobs().start(
        JobSpec(tr("Locate model")),
        [session, model, path](const RunContext& context) { session->relocateModel(model, path, context); },
        this, [this] { state().notifyModelsChanged(); });
}

void ModelsPage::removeCurrent() {
    const int row = m_table->currentSourceRow();
    const auto session = state().session();
    if (row < 0 || !session)
        return;
    const ModelRecord record = m_models.row(row).record;
    const auto answer =
        QMessageBox::question(this, tr("Remove model"),
                              tr("Remove “%1” from this workspace? Its files and the runs made with it stay.")
                                  .arg(toQString(record.name)));
    if (answer != QMessageBox::Yes)
        return;
    jobs().start(
        JobSpec(tr("Remove model")).setShown(false),
        [session, id = record.id](const RunContext&) { session->workspace().removeModel(id); }, this,
        [this] { state().notifyModelsChanged(); });
}

} // namespace diptych::ui
