// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/pdf_writer.h"
#include "core/session/session.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#ifdef DIPTYCH_WITH_WINDOW
#include "app/gui/pdf_report.h"
#include "app/gui/run_gui.h"

#include <string_view>
#endif

namespace {

/// Started with a standard stream closed, the program would give its number to the next file it opens, and
/// what is meant for the terminal would go into that file. The null device takes the place, opened the wrong
/// way round, so that using the stream still fails as a closed one does.
void reserveStandardStreams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF)
            ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY); // the lowest free number
}

} // namespace

int main(int argc, char** argv) {
    reserveStandardStreams();
#ifdef DIPTYCH_WITH_WINDOW
    constexpr bool kHasWindow = true;
    // "diptych gui ..." is for the window's own options, such as Qt's -platform.
    if (argc > 1 && std::string_view(argv[1]) == "gui") {
        for (int i = 1; i < argc; ++i)
            argv[i] = argv[i + 1];
        return runGui(argc - 1, argv);
    }
    if (argc <= 1)
        return runGui(argc, argv);
    diptych::cli::setPdfWriter(writePdfReport);
#else
    constexpr bool kHasWindow = false;
#endif
    return diptych::cli::runCommandLine(argc, argv, diptych::cli::commandTable(), diptych::programVersion(),
                                        kHasWindow);
}
