// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include "core/base/file.h"
#include "core/base/random.h"
#include "core/image/image.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonObject>

namespace diptych::test {
namespace {

constexpr int kTimeoutMs = 120'000;

QProcessEnvironment environmentWith(const QStringList& extra) {
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.remove("DIPTYCH_WORKSPACE");
    environment.insert("DIPTYCH", DIPTYCH_PROGRAM);
    for (const auto& pair : extra)
        environment.insert(pair.section('=', 0, 0), pair.section('=', 1));
    return environment;
}

CliResult finish(QProcess& process) {
    CliResult result;
    if (!process.waitForFinished(kTimeoutMs)) {
        process.kill();
        process.waitForFinished();
        result.errors = "did not end in time\n";
    }
    result.output = process.readAllStandardOutput();
    result.errors += process.readAllStandardError();
    result.crashed = process.exitStatus() == QProcess::CrashExit;
    result.exitCode = process.exitCode();
    return result;
}

} // namespace

QJsonValue CliResult::json() const {
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(output, &error);
    if (error.error != QJsonParseError::NoError)
        return QJsonValue::Null;
    return document.isArray() ? QJsonValue(document.array()) : QJsonValue(document.object());
}

bool CliResult::isOneError(const QString& text) const {
    const QString line = QString::fromUtf8(errors);
    return line.startsWith("diptych: error: ") && line.count('\n') == 1 && line.endsWith('\n') &&
           line.contains(text);
}

CliResult runCli(const QStringList& arguments, const QStringList& environment) {
    QProcess process;
    process.setProcessEnvironment(environmentWith(environment));
    process.start(DIPTYCH_PROGRAM, arguments);
    return finish(process);
}

std::unique_ptr<QProcess> startCli(const QStringList& arguments) {
    auto process = std::make_unique<QProcess>();
    process->setProcessEnvironment(environmentWith({}));
    process->start(DIPTYCH_PROGRAM, arguments);
    process->waitForStarted();
    return process;
}

CliResult runShell(const QString& script) {
    QProcess process;
    process.setProcessEnvironment(environmentWith({}));
    process.start("/bin/sh", {"-c", script});
    return finish(process);
}

QString fixtureModel(const char* name) {
    return QString(DIPTYCH_FIXTURES) + "/clip/" + name;
}

QString fixtureImage(int number) {
    return QString(DIPTYCH_FIXTURES) + "/clip/images/" + QString::number(number) + ".png";
}

void writeImage(const QString& path, int seed, int side) {
    Random random(static_cast<uint64_t>(seed));
    Image image;
    image.width = image.height = side;
    const uint64_t base[] = {random.below(200), random.below(200), random.below(200)};
    for (int i = 0; i < side * side * 3; ++i)
        image.rgb.push_back(static_cast<uint8_t>(base[i % 3] + random.below(56)));
    const auto bytes = encodePng(image);
    writeFileAtomically(path.toStdString(), std::span<const std::byte>(bytes));
}

void makeClassFolder(const QString& root, const QStringList& classes, int imagesPerClass) {
    int seed = 0;
    for (const auto& name : classes) {
        QDir().mkpath(root + "/" + name);
        for (int i = 0; i < imagesPerClass; ++i)
            writeImage(QString("%1/%2/%3.png").arg(root, name).arg(i), ++seed);
    }
}

} // namespace diptych::test
