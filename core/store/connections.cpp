// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/connections.h"

#include "core/base/file.h"
#include "core/store/migrations.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <system_error>

namespace diptych::sql {
namespace {

uint32_t bigEndian(const char* bytes) {
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i)
        value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    return value;
}

/// Looks at the file's header before SQLite does, so that a newer workspace or a file of another kind is
/// refused without a byte, a log or a lock beside it being touched
/// (https://www.sqlite.org/fileformat.html, 1.3).
void checkHeader(const std::filesystem::path& path) {
    std::array<char, 100> header{};
    std::ifstream file(path, std::ios::binary);
    file.read(header.data(), header.size());
    if (file.gcount() == 0)
        return; // a creation that was killed; migrate() starts it anew
    if (file.gcount() < 100 ||
        std::string_view(header.data(), 16) != std::string_view("SQLite format 3\0", 16))
        throw Error(
            ErrorCode::Corrupt,
            fmt::format("{} is not a database. Restore the workspace from a backup, or choose another folder",
                        displayPath(path)));
    const uint32_t version = bigEndian(header.data() + 60), application = bigEndian(header.data() + 68);
    if (application == kApplicationId && version > migrations().size())
        throw Error(
            ErrorCode::NewerVersion,
            fmt::format("{} was written by a newer version of Diptych (format {}; this one reads up to {}). "
                        "Nothing was changed. Update Diptych to open it",
                        displayPath(path), version, migrations().size()));
}

bool hasLog(const std::filesystem::path& database) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(database.native() + "-wal", missing);
    return !missing && size > 0;
}

/// After a power cut or a failing disk: looks at the structure of the whole file, which takes a fraction of a
/// second for a workspace of 100,000 samples. @throws Error Corrupt
void quickCheck(Database& database) {
    Statement check(database, "PRAGMA quick_check(1)");
    if (check.step() && check.text(0) != "ok")
        throw Error(ErrorCode::Corrupt,
                    fmt::format("The database is damaged ({}). Restore the workspace from a backup. What can "
                                "still be read can be saved: 'diptych runs export' and 'diptych report' work "
                                "without writing to it",
                                check.text(0)));
}

} // namespace

Connections::Connections(std::filesystem::path database, bool readOnly, int busyTimeoutMs,
                         std::function<void()> inPlace)
    : m_path(std::move(database)),
      m_readOnly(readOnly),
      m_busyTimeoutMs(busyTimeoutMs),
      m_inPlace(std::move(inPlace)) {
    checkHeader(m_path);
    try {
        if (readOnly) {
            auto reader = openReader();
            if (reader->integer("SELECT count(*) FROM sqlite_schema") == 0)
                throw Error(
                    ErrorCode::NotFound,
                    "There is nothing in it yet: another program is making it this moment, or was "
                    "stopped while it did. Open it once for writing (any import does) to complete it");
            if (reader->integer("PRAGMA user_version") < static_cast<int64_t>(migrations().size()))
                throw Error(ErrorCode::Unsupported,
                            "The workspace was written by an older version of Diptych. Open "
                            "it once for writing (in the window) to bring it up to date");
            migrate(*reader, migrations()); // checks only
            m_idle.push_back(std::move(reader));
            return;
        }
        const bool unclean = hasLog(m_path); // whoever closes it last takes the log away
        m_writer = std::make_unique<Database>(m_path, Access::Create, m_busyTimeoutMs);
        if (unclean)
            quickCheck(*m_writer);
        // Where a file system cannot share memory, SQLite stays with its rollback journal; that works too.
        m_writer->execute("PRAGMA journal_mode=WAL");
        migrate(*m_writer, migrations());
        keepReserve();
    } catch (const Error& error) {
        throw error.withContext("Cannot open the workspace " + displayPath(m_path.parent_path()));
    }
}

/// Without room for it there is none; nothing else fails for that.
void Connections::keepReserve() const {
    constexpr off_t kReserveBytes = off_t{4} << 20;
    const int fd = ::open(reservePath().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return;
    const bool kept = ::posix_fallocate(fd, 0, kReserveBytes) == 0;
    ::close(fd);
    if (!kept)
        ::unlink(reservePath().c_str());
}

void Connections::freeingSpace(const std::function<void()>& removal) {
    try {
        removal();
        return;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::DiskFull || ::unlink(reservePath().c_str()) != 0)
            throw;
    }
    removal();
    {
        const std::lock_guard lock(m_writerMutex);
        // The log gives its room back; beside a reader it cannot, and does so later.
        m_writer->integer("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    keepReserve();
}

std::unique_ptr<Database> Connections::openReader() const {
    if (!m_readOnly)
        return std::make_unique<Database>(m_path, Access::QueryOnly, m_busyTimeoutMs);
    try {
        auto reader = std::make_unique<Database>(m_path, Access::ReadOnly, m_busyTimeoutMs);
        reader->integer("SELECT count(*) FROM sqlite_schema");
        return reader;
    } catch (const Error& error) {
        // A folder nobody may write has no place for the log's index; without a log none is needed.
        if (error.code() == ErrorCode::Locked || error.code() == ErrorCode::Corrupt || hasLog(m_path))
            throw;
        return std::make_unique<Database>(m_path, Access::Immutable, m_busyTimeoutMs);
    }
}

Database& Connections::writerDatabase() const {
    if (m_readOnly)
        throw Error(ErrorCode::InvalidArgument, fmt::format("The workspace {} is open for reading only",
                                                            displayPath(m_path.parent_path())));
    return *m_writer;
}

Connections::Reader::Reader(Connections& owner) : m_owner(owner) {
    {
        const std::lock_guard lock(owner.m_idleMutex);
        if (!owner.m_idle.empty()) {
            m_database = std::move(owner.m_idle.back());
            owner.m_idle.pop_back();
        }
    }
    if (!m_database)
        m_database = owner.openReader();
    m_transaction = std::make_unique<Transaction>(*m_database, Transaction::Kind::Read);
}

Connections::Reader::~Reader() {
    m_transaction.reset();
    const std::lock_guard lock(m_owner.m_idleMutex);
    m_owner.m_idle.push_back(std::move(m_database));
}

// The place is asked before each change and again before it counts: a file that was deleted can still be
// written to, and whatever goes there is lost without a word.
Connections::Writer::Writer(Connections& owner)
    : m_owner(owner),
      m_lock(owner.m_writerMutex),
      m_database(owner.writerDatabase()),
      m_transaction(m_database, Transaction::Kind::Write) {
    owner.checkInPlace();
}

void Connections::Writer::commit() {
    m_owner.checkInPlace();
    m_transaction.commit();
}

} // namespace diptych::sql
