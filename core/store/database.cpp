// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/database.h"

#include "core/base/file.h"
#include "core/store/number_function.h"
#include "core/store/row_checksum.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cmath>
#include <limits>

namespace diptych::sql {
namespace {

constexpr size_t kCachedStatements = 64;
constexpr size_t kLongestCached = 4096; ///< longer ones carry a list of ids and are not asked again

int openFlags(Access access) {
    switch (access) {
    case Access::Create:
        return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case Access::ReadWrite:
    case Access::QueryOnly: // a reader beside a writer of the same process shares its memory map of the log
        return SQLITE_OPEN_READWRITE;
    case Access::ReadOnly:
        return SQLITE_OPEN_READONLY;
    case Access::Immutable:
        return SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    }
    return SQLITE_OPEN_READONLY;
}

std::string immutableUri(const std::filesystem::path& path) {
    std::string uri = "file:";
    for (const char c : path.native()) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '/' || c == '.' || c == '-' || c == '_';
        uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return uri + "?immutable=1";
}

} // namespace

Database::Database(const std::filesystem::path& path, Access access, int busyTimeoutMs) : m_path(path) {
    const std::string name = access == Access::Immutable ? immutableUri(path) : path.native();
    const int code =
        sqlite3_open_v2(name.c_str(), &m_handle, openFlags(access) | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) {
        const Error failed = error(code);
        sqlite3_close(m_handle);
        throw failed;
    }
    sqlite3_extended_result_codes(m_handle, 1);
    sqlite3_busy_timeout(m_handle, busyTimeoutMs);
    addRowChecksum(m_handle);
    addNumberFunction(m_handle);
    try {
        execute("PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; "
                "PRAGMA cache_size=-16000");
        if (access == Access::QueryOnly)
            execute("PRAGMA query_only=ON");
        if (access == Access::Create || access == Access::ReadWrite)
            execute("PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=67108864");
    } catch (...) {
        sqlite3_close(m_handle);
        throw;
    }
}

Database::~Database() {
    for (const auto& [sql, statement] : m_cache)
        sqlite3_finalize(statement);
    sqlite3_close(m_handle);
}

void Database::execute(const char* sql) {
    const int code = sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        throw error(code);
}

int64_t Database::integer(std::string_view sql) {
    Statement statement(*this, sql);
    return statement.step() ? statement.integer(0) : 0;
}

int64_t Database::lastInsertId() const {
    return sqlite3_last_insert_rowid(m_handle);
}

int64_t Database::changes() const {
    return sqlite3_changes64(m_handle);
}

bool Database::inTransaction() const {
    return sqlite3_get_autocommit(m_handle) == 0;
}

Error Database::error(int code) const {
    const std::string where = displayPath(m_path);
    const char* reason = m_handle ? sqlite3_errmsg(m_handle) : sqlite3_errstr(code);
    const int systemError = m_handle ? sqlite3_system_errno(m_handle) : 0;
    switch (code & 0xFF) {
    case SQLITE_FULL:
        return Error(ErrorCode::DiskFull,
                     fmt::format("No space left to write {}; this change was not kept, everything before it "
                                 "was. Free some space and try again",
                                 where));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return Error(ErrorCode::Locked, fmt::format("{} is locked by another program. Close what else has it "
                                                    "open (a backup, a database browser) and try again",
                                                    where));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return Error(
            ErrorCode::Corrupt,
            fmt::format("{} is damaged or not a database ({}). Restore the workspace from a backup, or "
                        "make a new one and import its datasets again; the images are untouched",
                        where, reason));
    case SQLITE_CONSTRAINT: // keys are unique by construction, for one writer
        return Error(
            ErrorCode::Locked,
            fmt::format("{} was changed by another program at the same time ({}). Close the workspace, "
                        "see that nothing else writes to it, and open it again",
                        where, reason));
    case SQLITE_NOMEM:
        return Error(ErrorCode::OutOfMemory, fmt::format("Not enough memory to work on {}", where));
    case SQLITE_TOOBIG:
        return Error(ErrorCode::LimitExceeded, fmt::format("A value is too large for {}", where));
    case SQLITE_READONLY:
        return Error(ErrorCode::Unreadable,
                     fmt::format("{} cannot be written: {}. Check the permissions of the workspace's folder",
                                 where, reason));
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_PERM:
        if (systemError == ENOSPC || systemError == EDQUOT || systemError == ENOENT)
            return errnoError(systemError, "Cannot use", where);
        return Error(ErrorCode::Unreadable, fmt::format("Cannot read or write {}: {}", where, reason));
    default:
        return Error(ErrorCode::Internal,
                     fmt::format("{}: unexpected database error {}: {}", where, code, reason));
    }
}

Statement::Statement(Database& database, std::string_view sql) : m_database(database), m_sql(sql) {
    const auto cached = database.m_cache.find(m_sql);
    if (cached != database.m_cache.end()) {
        m_statement = cached->second;
        database.m_cache.erase(cached);
        return;
    }
    check(sqlite3_prepare_v3(database.m_handle, m_sql.data(), static_cast<int>(m_sql.size()), 0, &m_statement,
                             nullptr));
}

Statement::~Statement() {
    if (!m_statement)
        return;
    reset();
    if (m_database.m_cache.size() >= kCachedStatements || m_sql.size() > kLongestCached ||
        !m_database.m_cache.emplace(std::move(m_sql), m_statement).second)
        sqlite3_finalize(m_statement);
}

void Statement::check(int code) const {
    if (code != SQLITE_OK)
        throw m_database.error(code);
}

void Statement::reset() {
    // The result repeats the last step's error, which step() has thrown already.
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

bool Statement::step() {
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    const Error failed = m_database.error(code);
    sqlite3_reset(m_statement);
    throw failed;
}

void Statement::bindOne(int index, int64_t value) {
    check(sqlite3_bind_int64(m_statement, index, value));
}

void Statement::bindOne(int index, double value) {
    check(sqlite3_bind_double(m_statement, index, value)); // NaN is stored as NULL
}

void Statement::bindOne(int index, std::string_view value) {
    check(sqlite3_bind_text64(m_statement, index, value.data() ? value.data() : "", value.size(),
                              SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bindOne(int index, std::span<const std::byte> value) {
    static const std::byte kNothing{};
    check(sqlite3_bind_blob64(m_statement, index, value.data() ? value.data() : &kNothing, value.size(),
                              SQLITE_TRANSIENT));
}

int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(m_statement, column);
}

double Statement::real(int column) const {
    return isNull(column) ? std::numeric_limits<double>::quiet_NaN()
                          : sqlite3_column_double(m_statement, column);
}

bool Statement::isNull(int column) const {
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

std::string Statement::text(int column) const {
    const auto* data = sqlite3_column_text(m_statement, column);
    return data ? std::string(reinterpret_cast<const char*>(data),
                              static_cast<size_t>(sqlite3_column_bytes(m_statement, column)))
                : std::string();
}

std::string_view Statement::blob(int column) const {
    const void* data = sqlite3_column_blob(m_statement, column);
    return data ? std::string_view(static_cast<const char*>(data),
                                   static_cast<size_t>(sqlite3_column_bytes(m_statement, column)))
                : std::string_view();
}

Transaction::Transaction(Database& database, Kind kind) : m_database(database) {
    // Immediate: the write lock is taken now, within the busy time-out, not in the middle of the work.
    database.execute(kind == Kind::Write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    // SQLite has rolled back by itself after some errors (full disk).
    if (!m_open || !m_database.inTransaction())
        return;
    try {
        m_database.execute("ROLLBACK");
    } catch (const Error&) { // the error that brought us here is the one to tell
    }
}

void Transaction::commit() {
    m_database.execute("COMMIT");
    m_open = false;
}

} // namespace diptych::sql
