// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/pdf_writer.h"

namespace diptych::cli {
namespace {

PdfWriter g_writer = nullptr;

} // namespace

void setPdfWriter(PdfWriter writer) {
    g_writer = writer;
}

PdfWriter pdfWriter() {
    if (!g_writer)
        throw Error(ErrorCode::Unsupported,
                    "This program was built without the window, which draws PDF pages; write the "
                    "report as HTML and print it from a browser");
    return g_writer;
}

} // namespace diptych::cli
