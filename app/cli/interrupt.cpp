// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"

#include <pthread.h>

#include <csignal>

namespace diptych::cli {
namespace {

/// Wakes the watcher when it should end.
constexpr int kWakeUp = SIGUSR2;

sigset_t watchedSignals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM}) {
        struct sigaction current {};
        if (sigaction(number, nullptr, &current) == 0 && current.sa_handler != SIG_IGN)
            sigaddset(&set, number);
    }
    sigaddset(&set, kWakeUp);
    return set;
}

} // namespace

InterruptGuard::InterruptGuard() {
    const sigset_t set = watchedSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    try {
        m_watcher = std::thread([this] { watch(); });
    } catch (...) {
        pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
        throw;
    }
}

InterruptGuard::~InterruptGuard() {
    m_finished = true;
    pthread_kill(m_watcher.native_handle(), kWakeUp);
    m_watcher.join();
}

void InterruptGuard::watch() {
    const sigset_t set = watchedSignals();
    for (;;) {
        int number = 0;
        if (sigwait(&set, &number) != 0 || m_finished)
            return;
        if (number == kWakeUp)
            continue;
        if (m_signal != 0) { // asked twice: end as the signal would have
            std::signal(number, SIG_DFL);
            pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
            std::raise(number);
        }
        m_signal = number;
        m_stop.request_stop();
    }
}

} // namespace diptych::cli
