// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/cache_dialog.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"
#include "ui/widgets/table_view.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QVBoxLayout>

#include <numeric>

namespace diptych::ui {
namespace {

/// "3 embeddings", or "5 entries" where matches are among them.
QString amountText(long long count, bool withMatches) {
    return withMatches ? countOf(count, CacheDialog::tr("entry"), CacheDialog::tr("entries"))
                       : countOf(count, CacheDialog::tr("embedding"), CacheDialog::tr("embeddings"));
}

} // namespace

QVariant CacheModel::header(int column) const {
    switch (column) {
    case Model:
        return tr("Model");
    case Precision:
        return tr("Precision");
    case Content:
        return tr("Of");
    case Dimensions:
        return tr("Dimensions");
    case Rows:
        return tr("Kept");
    default:
        return tr("Size");
    }
}

QVariant CacheModel::cell(const EmbeddingSpaceInfo& space, int column, int role) const {
    if (role == kSortRole && column == Dimensions)
        return QVariant::fromValue<qulonglong>(space.dimension);
    if (role == kSortRole && column == Rows)
        return QVariant::fromValue<qlonglong>(space.rows);
    if (role == kSortRole && column == Size)
        return QVariant::fromValue<qulonglong>(space.bytes);
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    const auto known = [](const std::string& text) {
        return text.empty() ? tr("not known") : toQString(text);
    };
    switch (column) {
    case Model:
        return known(space.label.model);
    case Precision:
        return known(space.label.precision);
    case Content:
        return known(space.label.content);
    case Dimensions:
        return space.dimension > 0 ? QString::number(space.dimension) : QString();
    case Rows:
        return exactCountText(space.rows);
    default:
        return bytesText(space.bytes);
    }
}

CacheDialog::CacheDialog(std::shared_ptr<Session> session, JobRunner& jobs, QWidget* parent)
    : QDialog(parent), m_session(std::move(session)), m_jobs(jobs) {
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("cacheDialog"));
    setWindowTitle(tr("Embedding cache"));
    resize(640, 400);
    auto* about = new QLabel(
        tr("Embeddings, and matches of images with texts, are kept so that nothing is computed twice. "
           "Runs do not need them; what is removed is computed anew when it is needed."));
    about->setWordWrap(true);
    m_model = new CacheModel(this);
    m_table = new TableView;
    m_table->setObjectName(QStringLiteral("cacheTable"));
    m_table->setAccessibleName(tr("Kept embeddings"));
    m_table->setSource(m_model);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_total = new QLabel;
    m_total->setObjectName(QStringLiteral("cacheTotal"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_removeSelected = buttons->addButton(tr("&Remove selected"), QDialogButtonBox::ActionRole);
    m_removeAll = buttons->addButton(tr("Remove &all"), QDialogButtonBox::ActionRole);
    m_readAgain = buttons->addButton(tr("Read &images again"), QDialogButtonBox::ActionRole);
    m_removeAll->setObjectName(QStringLiteral("removeAllEmbeddings"));
    m_readAgain->setObjectName(QStringLiteral("readImagesAgain"));
    m_readAgain->setToolTip(
        tr("The next evaluation reads every image again to see whether it changed, instead of "
           "trusting its size and times"));
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_removeSelected, &QPushButton::clicked, this, [this] { remove(m_table->selectedSourceRows()); });
    connect(m_removeAll, &QPushButton::clicked, this, [this] {
        std::vector<int> all(static_cast<size_t>(m_model->rowCount()));
        std::iota(all.begin(), all.end(), 0);
        remove(all);
    });
    connect(m_readAgain, &QPushButton::clicked, this, &CacheDialog::readImagesAgain);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &CacheDialog::updateButtons);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kLarge);
    column->setSpacing(theme::kLarge);
    column->addWidget(about);
    column->addWidget(m_table, 1);
    column->addWidget(m_total);
    column->addWidget(buttons);
    reload();
}

void CacheDialog::reload() {
    m_busy = true;
    updateButtons();
    m_jobs.start(
        JobSpec(tr("List the embeddings")).setShown(false),
        [session = m_session](const RunContext&) { return session->workspace().cachedSpaces(); }, this,
        [this](std::vector<EmbeddingSpaceInfo> spaces) { show(std::move(spaces)); });
}

void CacheDialog::show(std::vector<EmbeddingSpaceInfo> spaces) {
    unsigned long long bytes = 0;
    long long rows = 0;
    bool withMatches = false;
    for (const auto& space : spaces) {
        withMatches = withMatches || space.dimension == 0;
        bytes += space.bytes;
        rows += space.rows;
    }
    m_total->setText(spaces.empty() ? tr("No embeddings are kept.")
                                    : tr("%1, %2").arg(amountText(rows, withMatches), bytesText(bytes)));
    m_model->setRows(std::move(spaces));
    m_busy = false;
    updateButtons();
}

void CacheDialog::remove(const std::vector<int>& rows) {
    std::vector<std::string> keys;
    long long count = 0;
    bool withMatches = false;
    for (const int row : rows) {
        withMatches = withMatches || m_model->row(row).dimension == 0;
        keys.push_back(m_model->row(row).key);
        count += m_model->row(row).rows;
    }
    const auto answer = QMessageBox::question(
        this, windowTitle(),
        tr("Remove %1? What is needed again is computed anew.").arg(amountText(count, withMatches)),
        QMessageBox::Yes | QMessageBox::No, QMessageBox::No);
    if (answer != QMessageBox::Yes)
        return;
    m_busy = true;
    updateButtons();
    m_jobs.start(
        JobSpec(tr("Remove embeddings")).setFinally([this] { reload(); }),
        [session = m_session, keys](const RunContext& context) {
            for (const auto& key : keys) {
                context.throwIfCancelled();
                session->workspace().removeCachedSpace(key);
            }
        },
        this, [] {});
}

void CacheDialog::readImagesAgain() {
    m_busy = true;
    updateButtons();
    m_jobs.start(
        JobSpec(tr("Forget what images looked like")).setFinally([this] {
            m_busy = false;
            updateButtons();
        }),
        [session = m_session](const RunContext& context) {
            for (const DatasetInfo& dataset : session->workspace().datasets()) {
                context.throwIfCancelled();
                session->workspace().forgetContentHashes(dataset.id);
            }
        },
        this, [this] { m_total->setText(tr("The next evaluation reads every image again.")); });
}

void CacheDialog::updateButtons() {
    const bool writable = !m_busy && !m_session->workspace().readOnly();
    m_removeSelected->setEnabled(writable && m_table->selectionModel()->hasSelection());
    m_removeAll->setEnabled(writable && m_model->rowCount() > 0);
    m_readAgain->setEnabled(writable);
}

} // namespace diptych::ui
