// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/descriptor.h"
#include "core/base/file.h"
#include "core/base/mapped_memory.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <utility>

namespace diptych {
namespace {

/// A mapped file as the signal handler sees it. Entries are made once and used again, never freed.
struct Mapping {
    std::atomic<uintptr_t> begin{0}, end{0}; ///< 0 = not in use
    std::atomic<bool> failed{false};
    Mapping* next = nullptr;
};

std::atomic<Mapping*> firstMapping{nullptr};
std::mutex mappingsMutex; ///< for those who change the list; the handler only reads
struct sigaction previousAction {};

Mapping* mappingAt(uintptr_t address) {
    for (Mapping* mapping = firstMapping.load(); mapping; mapping = mapping->next)
        if (address >= mapping->begin.load() && address < mapping->end.load())
            return mapping;
    return nullptr;
}

/// A page of a mapped file that cannot be read any more (the file was cut, its disk failed) raises SIGBUS.
/// From there on the mapping gets zeros instead, so that the reader comes to its next check. Calls what a
/// signal handler may: lock-free atomics and mmap().
void onBusError(int signal, siginfo_t* info, void*) {
    const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
    if (Mapping* mapping = mappingAt(address)) {
        const uintptr_t page = address & ~(static_cast<uintptr_t>(::getpagesize()) - 1);
        mapping->failed.store(true);
        if (::mmap(reinterpret_cast<void*>(page), mapping->end.load() - page, PROT_READ,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
            return;
    }
    ::sigaction(signal, &previousAction, nullptr); // the access is tried again and ends as it would have
    if (info->si_code <= 0)                        // sent by somebody: nothing is tried again
        ::raise(signal);
}

Mapping* registerMapping(const void* data, size_t size) {
    static std::once_flag once;
    std::call_once(once, [] {
        struct sigaction action {};
        action.sa_sigaction = onBusError;
        action.sa_flags = SA_SIGINFO;
        sigemptyset(&action.sa_mask);
        ::sigaction(SIGBUS, &action, &previousAction);
    });
    const std::lock_guard lock(mappingsMutex);
    Mapping* mapping = firstMapping.load();
    while (mapping && mapping->begin.load() != 0)
        mapping = mapping->next;
    const bool fresh = mapping == nullptr;
    if (fresh)
        mapping = new Mapping;
    mapping->failed.store(false);
    mapping->end.store(reinterpret_cast<uintptr_t>(data) + size);
    mapping->begin.store(reinterpret_cast<uintptr_t>(data));
    if (fresh) {
        mapping->next = firstMapping.load();
        firstMapping.store(mapping);
    }
    return mapping;
}

void unregisterMapping(const void* data) {
    const std::lock_guard lock(mappingsMutex);
    if (Mapping* mapping = mappingAt(reinterpret_cast<uintptr_t>(data))) {
        mapping->end.store(0);
        mapping->begin.store(0);
    }
}

} // namespace

void requireReadable(std::span<const std::byte> mapped, const std::filesystem::path& path) {
    const Mapping* mapping = mappingAt(reinterpret_cast<uintptr_t>(mapped.data()));
    if (mapping && mapping->failed.load())
        throw Error(ErrorCode::Unreadable,
                    fmt::format("{} was cut short or its disk failed while it was read (is it being "
                                "downloaded or copied anew?). Wait until it is whole, then try again",
                                displayPath(path)));
}

MappedFile::MappedFile(const std::filesystem::path& path) : m_path(path) {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0)
        throw errnoError(errno, "Cannot open", displayPath(path));
    const auto size = regularFileSize(fd.get(), path);
    if (!size)
        throw size.error();
    if (*size == 0)
        return;
    void* mapped = ::mmap(nullptr, *size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (mapped == MAP_FAILED)
        throw errnoError(errno, "Cannot map", displayPath(path));
    m_data = static_cast<const std::byte*>(mapped);
    m_size = *size;
    registerMapping(m_data, m_size);
}

MappedFile::~MappedFile() {
    if (!m_data)
        return;
    unregisterMapping(m_data);
    ::munmap(const_cast<std::byte*>(m_data), m_size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_path(std::move(other.m_path)),
      m_data(std::exchange(other.m_data, nullptr)),
      m_size(std::exchange(other.m_size, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(m_path, other.m_path);
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

} // namespace diptych
