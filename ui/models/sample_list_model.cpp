// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/sample_list_model.h"

#include "core/session/session.h"
#include "ui/jobs/job_runner.h"

#include <algorithm>
#include <unordered_map>

namespace diptych::ui {

namespace {

constexpr int kBlockRows = 128;

std::vector<SampleListModel::Row> fetchRows(Session& session, const std::vector<SampleId>& ids) {
    std::unordered_map<SampleId, size_t> position;
    for (size_t i = 0; i < ids.size(); ++i)
        position.emplace(ids[i], i);
    std::vector<SampleListModel::Row> rows(ids.size());
    for (const Sample& sample : session.workspace().samples(ids, SampleDetail::Full)) {
        SampleListModel::Row& row = rows[position.at(sample.id)];
        row.loaded = true;
        row.key = QString::fromStdString(sample.key);
        row.path = QString::fromStdString(displayPath(sample.path));
        row.label = sample.label;
        for (const std::string& tag : sample.tags)
            row.tags << QString::fromStdString(tag);
    }
    return rows;
}

} // namespace

SampleListModel::SampleListModel(AppState& state, JobRunner& jobs, QObject* parent)
    : QAbstractListModel(parent),
      m_state(state),
      m_jobs(jobs),
      m_samples(std::make_shared<const std::vector<SampleId>>()) {}

void SampleListModel::setSamples(SampleList samples, QStringList classNames) {
    beginResetModel();
    m_samples = samples ? std::move(samples) : std::make_shared<const std::vector<SampleId>>();
    m_classNames = std::move(classNames);
    ++m_generation;
    m_blocks.clear();
    m_fetching.clear();
    endResetModel();
}

SampleId SampleListModel::sampleAt(int row) const {
    return row >= 0 && row < rowCount() ? (*m_samples)[static_cast<size_t>(row)] : SampleId{};
}

void SampleListModel::invalidateDetails() {
    ++m_generation;
    m_fetching.clear();
    // What is shown stays until the new rows arrive; nothing flickers.
    const QList<int> known = m_blocks.keys();
    for (const int block : known)
        fetchBlock(block);
}

int SampleListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_samples->size());
}

const SampleListModel::Row& SampleListModel::row(int index) const {
    static const Row notLoaded;
    const int block = index / kBlockRows;
    const auto found = m_blocks.constFind(block);
    if (found == m_blocks.constEnd()) {
        fetchBlock(block);
        return notLoaded;
    }
    return (*found)[static_cast<size_t>(index % kBlockRows)];
}

void SampleListModel::fetchBlock(int block) const {
    const std::shared_ptr<Session> session = m_state.session();
    if (!session || m_fetching.contains(block))
        return;
    m_fetching.insert(block, m_generation);
    const auto first = static_cast<size_t>(block) * kBlockRows;
    const size_t last = std::min(first + kBlockRows, m_samples->size());
    std::vector<SampleId> ids(m_samples->begin() + static_cast<ptrdiff_t>(first),
                              m_samples->begin() + static_cast<ptrdiff_t>(last));
    auto* self = const_cast<SampleListModel*>(this); // the receiver of a cache fill
    const quint64 generation = m_generation;
    m_jobs.start(
        JobSpec(tr("Load samples")).setShown(false),
        [session, ids = std::move(ids)](const RunContext&) { return fetchRows(*session, ids); }, self,
        [self, generation, block](std::vector<Row> rows) {
            self->storeBlock(generation, block, std::move(rows));
        });
}

void SampleListModel::storeBlock(quint64 generation, int block, std::vector<Row> rows) {
    if (generation != m_generation)
        return;
    m_fetching.remove(block);
    const int first = block * kBlockRows;
    const int last = first + static_cast<int>(rows.size()) - 1;
    m_blocks.insert(block, std::move(rows));
    Q_EMIT dataChanged(index(first), index(last));
}

QVariant SampleListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == IdRole)
        return static_cast<qint64>(sampleAt(index.row()).value);
    switch (role) {
    case Qt::DisplayRole:
    case ClassNameRole:
    case TagsRole:
    case PathRole:
    case LoadedRole:
        break;
    default:
        return {};
    }
    const Row& known = row(index.row());
    if (role == Qt::DisplayRole)
        return known.key;
    if (role == TagsRole)
        return known.tags;
    if (role == PathRole)
        return known.path;
    if (role == LoadedRole)
        return known.loaded;
    const QString className =
        known.label >= 0 && known.label < m_classNames.size() ? m_classNames[known.label] : QString();
    return className; // that of ClassNameRole
}

} // namespace diptych::ui
