// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/database.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace diptych::sql {

/// The connections of one open workspace: one writer, taken by one thread at a time, and as many readers as
/// threads ask for. Thread-safe.
class Connections {
public:
    /// Opens and checks the database; brings it to the current version unless @p readOnly.
    /// @param inPlace asked before every change: throws if the workspace is not where it was opened any more
    /// @throws Error
    Connections(std::filesystem::path database, bool readOnly, int busyTimeoutMs,
                std::function<void()> inPlace = {});

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
        void commit();

    private:
        Connections& m_owner;
        std::unique_lock<std::mutex> m_lock;
        Database& m_database;
        Transaction m_transaction;
    };

    bool readOnly() const { return m_readOnly; }
    /// @throws Error if the workspace was moved, deleted or taken over since it was opened
    void checkInPlace() const {
        if (m_inPlace)
            m_inPlace();
    }

    /// Does @p removal, which takes writers itself. Taking something away needs some room too: on a full disk
    /// a file kept for that makes way. @throws Error as @p removal
    void freeingSpace(const std::function<void()>& removal);

private:
    std::filesystem::path reservePath() const { return m_path.parent_path() / "reserve"; }
    void keepReserve() const;
    std::unique_ptr<Database> openReader() const;
    Database& writerDatabase() const;

    std::filesystem::path m_path;
    bool m_readOnly;
    int m_busyTimeoutMs;
    std::function<void()> m_inPlace;
    std::mutex m_writerMutex, m_idleMutex;
    std::unique_ptr<Database> m_writer;
    std::vector<std::unique_ptr<Database>> m_idle;
};

} // namespace diptych::sql
