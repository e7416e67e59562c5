// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonDocument>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <memory>

namespace diptych::test {

/// How a call of the program ended.
struct CliResult {
    int exitCode = -1;
    bool crashed = false;
    QByteArray output, errors;

    /// Standard output as JSON; null if it is anything but exactly one JSON value.
    QJsonValue json() const;
    /// Whether standard error is exactly one line "diptych: error: ..." that holds @p text.
    bool isOneError(const QString& text) const;
    QByteArray all() const { return output + errors; } ///< for failure messages
};

/// Runs the program with @p arguments and waits for its end (two minutes at most).
CliResult runCli(const QStringList& arguments, const QStringList& environment = {});
/// Starts the program without waiting.
std::unique_ptr<QProcess> startCli(const QStringList& arguments);
/// Runs a line of the shell in which "$DIPTYCH" is the program.
CliResult runShell(const QString& script);

/// A checkpoint folder among the fixtures: a tiny CLIP with random weights.
QString fixtureModel(const char* name = "openai");
/// An image among the fixtures of the model.
QString fixtureImage(int number);

/// Writes a PNG of side x side pixels, grainy around one colour, different for every @p seed.
void writeImage(const QString& path, int seed, int side = 32);
/// A folder with a folder of @p imagesPerClass images for each class.
void makeClassFolder(const QString& root, const QStringList& classes, int imagesPerClass);

} // namespace diptych::test
