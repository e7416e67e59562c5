// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

// Private to core/store: the thin layer between it and SQLite. Every failure becomes a diptych::Error here.
namespace diptych::sql {

/// How a database file is opened. Immutable: for media nobody can write to; takes no locks.
enum class Access { Create, ReadWrite, QueryOnly, ReadOnly, Immutable };

class Database;

/// A prepared statement borrowed from its connection's cache; given back when destroyed. Parameters and
/// columns count from 0. Must not outlive the Database.
class Statement {
public:
    Statement(Database& database, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Binds all parameters in order. Strings are bound as text, byte spans as blobs, nullopt as NULL.
    template<class... Values>
    Statement& bind(const Values&... values) {
        reset();
        int at = 0;
        (bindOne(++at, values), ...);
        return *this;
    }
    /// Binds, runs to the end, ignores rows.
    template<class... Values>
    void run(const Values&... values) {
        bind(values...);
        while (step()) {
        }
        reset();
    }
    bool step(); ///< true while there is a row
    void reset();

    int64_t integer(int column) const;
    double real(int column) const; ///< NaN for NULL
    bool isNull(int column) const;
    std::string text(int column) const;
    std::string_view blob(int column) const; ///< valid until the next step

private:
    void bindOne(int index, int64_t value);
    void bindOne(int index, int value) { bindOne(index, static_cast<int64_t>(value)); }
    void bindOne(int index, bool value) { bindOne(index, static_cast<int64_t>(value)); }
    void bindOne(int index, double value);
    void bindOne(int index, std::string_view value);
    void bindOne(int index, const std::string& value) { bindOne(index, std::string_view(value)); }
    void bindOne(int index, const char* value) { bindOne(index, std::string_view(value)); }
    void bindOne(int index, std::span<const std::byte> value);
    void bindOne(int index, const std::filesystem::path& value) {
        bindOne(index, std::as_bytes(std::span(value.native())));
    }
    template<class T>
    void bindOne(int index, const std::optional<T>& value) {
        if (value)
            bindOne(index, *value);
    }
    void check(int code) const;

    Database& m_database;
    std::string m_sql;
    sqlite3_stmt* m_statement = nullptr;
};

/// One connection; used by one thread at a time.
class Database {
public:
    /// @throws Error NotFound, Unreadable, Corrupt, Locked
    Database(const std::filesystem::path& path, Access access, int busyTimeoutMs);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void execute(const char* sql);         ///< one or several statements without parameters
    int64_t integer(std::string_view sql); ///< first column of the first row; 0 if there is no row
    int64_t lastInsertId() const;
    int64_t changes() const; ///< rows changed by the last statement
    bool inTransaction() const;
    /// What went wrong, as an Error fit for people. @param code SQLite's result code
    Error error(int code) const;

private:
    friend class Statement;
    std::filesystem::path m_path;
    sqlite3* m_handle = nullptr;
    std::unordered_map<std::string, sqlite3_stmt*> m_cache;
};

/// Rolled back when destroyed unless committed.
class Transaction {
public:
    enum class Kind { Read, Write };
    Transaction(Database& database, Kind kind);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

private:
    Database& m_database;
    bool m_open = true;
};

} // namespace diptych::sql
