// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/database.h"

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace diptych::sql {

/// The connections of one open workspace: one writer, taken by one thread at a time, and as many readers as
/// threads ask for. Thread-safe.
class Connections {
public:
    /// Opens and checks the database; brings it to the current version unless @p readOnly.
    /// @throws Error
    Connections(std::filesystem::path database, bool readOnly, int busyTimeoutMs);

    /// A reader on loan inside a read transaction: all queries see one state of the database.
    class Reader {
    public:
        explicit Reader(Connections& owner);
        ~Reader();
        Reader(const Reader&) = delete;
        Reader& operator=(const Reader&) = delete;
        Database& operator*() const { return *m_database; }

    private:
        Connections& m_owner;
        std::unique_ptr<Database> m_database;
        std::unique_ptr<Transaction> m_transaction;
    };

    /// The writer on loan inside a transaction; other writers wait. Rolled back unless committed.
    /// @throws Error InvalidArgument if the workspace is open for reading only
    class Writer {
    public:
        explicit Writer(Connections& owner);
        Database& operator*() const { return m_database; }
        void commit() { m_transaction.commit(); }

    private:
        std::unique_lock<std::mutex> m_lock;
        Database& m_database;
        Transaction m_transaction;
    };

    bool readOnly() const { return m_readOnly; }

private:
    std::unique_ptr<Database> openReader() const;
    Database& writerDatabase() const;

    std::filesystem::path m_path;
    bool m_readOnly;
    int m_busyTimeoutMs;
    std::mutex m_writerMutex, m_idleMutex;
    std::unique_ptr<Database> m_writer;
    std::vector<std::unique_ptr<Database>> m_idle;
};

} // namespace diptych::sql
