// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/models/sample_facts.h"
#include "ui/state/sample_edits.h"
#include "ui/widgets/image_view.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QAbstractButton>
#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QDrag>
#include <QFile>
#include <QFileDialog>
#include <QInputDialog>
#include <QMimeData>
#include <QMouseEvent>
#include <QPixmap>
#include <QPointer>
#include <QUrl>

namespace diptych::ui {

namespace {

namespace fs = std::filesystem;

QString nativeName(const fs::path& path) {
    return QFile::decodeName(path.c_str());
}

/// An input dialog that blocks nothing; what is entered goes to @p accepted.
template<class Accepted>
QInputDialog* ask(QWidget* parent, const QString& title, const QString& label, Accepted accepted) {
    auto* dialog = new QInputDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    dialog->setLabelText(label);
    QObject::connect(dialog, &QInputDialog::textValueSelected, parent, std::move(accepted));
    return dialog;
}

} // namespace

template<class Done>
void SampleActions::withPaths(const std::vector<SampleId>& samples, Done done) {
    const auto session = m_state.session();
    if (!session || samples.empty())
        return;
    m_jobs.start(
        JobSpec(tr("Find files")).setShown(false),
        [session, samples](const RunContext&) {
            std::vector<fs::path> paths;
            for (const Sample& sample : session->workspace().samples(samples, SampleDetail::Basic))
                paths.push_back(sample.path);
            return paths;
        },
        this, std::move(done));
}

void SampleActions::open(const SampleTarget& target) {
    if (target.current)
        m_state.showSample(target.current, target.run, target.siblings ? target.siblings() : SampleList());
}

void SampleActions::askNewTag(const std::vector<SampleId>& samples, QWidget* parent) {
    if (m_state.readOnly())
        return;
    QInputDialog* dialog =
        ask(parent, tr("New tag"), tr("Name of the tag"), [this, samples](const QString& tag) {
            if (!tag.trimmed().isEmpty())
                m_edits.addTag(samples, tag.trimmed());
        });
    dialog->setObjectName(QStringLiteral("newTag"));
    dialog->open();
}

void SampleActions::useTagKey(int number, const std::vector<SampleId>& samples, QWidget* parent) {
    if (m_state.readOnly())
        return;
    const QString tag = tagOfKey(number);
    if (!tag.isEmpty()) {
        m_edits.toggleTag(samples, tag);
        return;
    }
    QInputDialog* dialog =
        ask(parent, tr("Key %1").arg(number), tr("Tag that the key %1 gives from now on").arg(number),
            [this, samples, number](const QString& chosen) {
                if (chosen.trimmed().isEmpty())
                    return;
                setTagOfKey(number, chosen.trimmed());
                m_edits.addTag(samples, chosen.trimmed());
            });
    dialog->setObjectName(QStringLiteral("keyTag"));
    dialog->setComboBoxItems(m_tags);
    dialog->setComboBoxEditable(true);
    dialog->setTextValue({});
    dialog->open();
}

void SampleActions::askNote(const SampleTarget& target, QWidget* parent) {
    if (m_state.readOnly())
        return;
    const SampleFact* fact = m_facts.find(target.current);
    const bool one = target.samples.size() == 1;
    QInputDialog* dialog =
        ask(parent, tr("Note"),
            one ? tr("Note on this image") : tr("Note on %1 images").arg(target.samples.size()),
            [this, samples = target.samples](const QString& text) { m_edits.setNote(samples, text); });
    dialog->setObjectName(QStringLiteral("note"));
    dialog->setOption(QInputDialog::UsePlainTextEditForTextInput);
    dialog->setTextValue(one && fact ? fact->note : QString());
    dialog->open();
}

void SampleActions::askLabel(const SampleTarget& target, QWidget* parent) {
    const auto session = m_state.session();
    if (!session || m_state.readOnly() || !target.current)
        return;
    struct Known {
        QStringList classes;
        QString label; ///< that counts now
    };
    m_jobs.start(
        JobSpec(tr("Load classes")).setShown(false),
        [session, sample = target.current](const RunContext&) {
            Workspace& workspace = session->workspace();
            const Sample found = workspace.sample(sample);
            const auto corrected = workspace.correctedLabels(found.dataset);
            const auto now = corrected.find(sample);
            const int label = now == corrected.end() ? found.label : now->second;
            Known known;
            for (const std::string& name : workspace.classNames(found.dataset))
                known.classes << toQString(name);
            known.label = known.classes.value(label);
            return known;
        },
        this,
        [this, samples = target.samples, parent = QPointer<QWidget>(parent)](const Known& known) {
            if (!parent || known.classes.isEmpty()) {
                Q_EMIT message(tr("The dataset has no classes"));
                return;
            }
            QInputDialog* dialog = ask(parent, tr("Correct label"),
                                       tr("Class that is right; what was imported is kept beside it"),
                                       [this, samples](const QString& name) {
                                           m_edits.correctLabels({{name, samples}}, {});
                                       });
            dialog->setObjectName(QStringLiteral("correctLabel"));
            dialog->setComboBoxItems(known.classes);
            dialog->setTextValue(known.label);
            dialog->open();
        });
}

void SampleActions::findSimilar(SampleId sample) {
    const auto session = m_state.session();
    if (!session || !sample)
        return;
    m_jobs.start(
        JobSpec(tr("Find similar images")).setShown(false),
        [session, sample](const RunContext&) { return session->workspace().sample(sample).dataset; }, this,
        [this, sample](DatasetId dataset) { m_state.showSimilar(sample, dataset); });
}

void SampleActions::copyImage(SampleId sample) {
    const auto session = m_state.session();
    if (!session || !sample)
        return;
    m_jobs.start(
        JobSpec(tr("Copy image")).setShown(false),
        [session, sample](const RunContext&) {
            const Result<Image> image = session->image(sample);
            if (!image)
                throw image.error();
            return toQImage(*image);
        },
        this,
        [this](const QImage& image) {
            QGuiApplication::clipboard()->setImage(image);
            Q_EMIT message(tr("Image copied"));
        });
}

void SampleActions::copyPaths(const std::vector<SampleId>& samples) {
    withPaths(samples, [this](const std::vector<fs::path>& paths) {
        QStringList lines;
        for (const fs::path& path : paths)
            lines << nativeName(path);
        QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
        Q_EMIT message(tr("%1 copied").arg(countOf(lines.size(), tr("path"), tr("paths"))));
    });
}

void SampleActions::reveal(SampleId sample) {
    const auto session = m_state.session();
    if (!session || !sample)
        return;
    m_jobs.start(
        JobSpec(tr("Open file location")).setShown(false),
        [session, sample](const RunContext&) {
            const fs::path folder = session->workspace().sample(sample).path.parent_path();
            std::error_code failed;
            if (!fs::is_directory(folder, failed))
                throw Error(ErrorCode::NotFound, "The folder is not there: " + displayPath(folder));
            return nativeName(folder);
        },
        this, [](const QString& folder) { QDesktopServices::openUrl(QUrl::fromLocalFile(folder)); });
}

namespace {

struct ExportChoice {
    QString filter;
    ExportForm form;
    FolderFiles content = FolderFiles::Links;
};

std::vector<ExportChoice> exportChoices() {
    return {{SampleActions::tr("Table (*.csv)"), ExportForm::Csv},
            {SampleActions::tr("JSON lines (*.jsonl)"), ExportForm::JsonLines},
            {SampleActions::tr("COCO objects (*.json)"), ExportForm::Coco},
            {SampleActions::tr("COCO captions (*.json)"), ExportForm::CocoCaptions},
            {SampleActions::tr("New folder of links (*)"), ExportForm::Folder, FolderFiles::Links},
            {SampleActions::tr("New folder of copies (*)"), ExportForm::Folder, FolderFiles::Copies}};
}

} // namespace

void SampleActions::askExport(const std::vector<SampleId>& samples, QWidget* parent) {
    auto* dialog = new QFileDialog(parent, tr("Export"));
    dialog->setObjectName(QStringLiteral("exportSamples"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    QStringList filters;
    for (const ExportChoice& choice : exportChoices())
        filters << choice.filter;
    dialog->setNameFilters(filters);
    const auto suffix = [dialog](const QString& filter) { // "Table (*.csv)" -> "csv"
        dialog->setDefaultSuffix(
            filter.section(QStringLiteral("(*"), 1).section(QLatin1Char(')'), 0, 0).mid(1));
    };
    suffix(filters.front());
    connect(dialog, &QFileDialog::filterSelected, dialog, suffix);
    connect(dialog, &QFileDialog::fileSelected, this, [this, samples, dialog](const QString& path) {
        for (const ExportChoice& choice : exportChoices())
            if (choice.filter == dialog->selectedNameFilter())
                exportTo(samples, path, choice.form, choice.content);
    });
    dialog->open();
}

void SampleActions::exportTo(const std::vector<SampleId>& samples, const QString& path, ExportForm form,
                             FolderFiles content) {
    const auto session = m_state.session();
    if (!session)
        return;
    const fs::path target(QFile::encodeName(path).toStdString());
    m_jobs.start(
        JobSpec(
            tr("Export %1").arg(countOf(static_cast<long long>(samples.size()), tr("image"), tr("images")))),
        [session, samples, target, form, content](const RunContext& context) {
            return exportSamples(session->workspace(), samples, target, form, content, context);
        },
        this,
        [this, target](const ExportSummary& summary) {
            QString text =
                tr("%1 written to %2")
                    .arg(countOf(static_cast<long long>(summary.written), tr("image"), tr("images")),
                         toQString(displayPath(target)));
            for (const std::string& note : summary.notes)
                text += QStringLiteral(". ") + toQString(note);
            Q_EMIT message(text);
        });
}

void SampleActions::dragOut(QWidget* source, const std::vector<SampleId>& samples) {
    const auto pressed = QGuiApplication::mouseButtons();
    withPaths(samples,
              [this, pressed, source = QPointer<QWidget>(source)](const std::vector<fs::path>& paths) {
                  // The button may have been let go while the files were looked up.
                  if (!source || paths.empty() || QGuiApplication::mouseButtons() != pressed)
                      return;
                  QList<QUrl> urls;
                  for (const fs::path& path : paths)
                      urls << QUrl::fromLocalFile(nativeName(path));
                  auto* files = new QMimeData;
                  files->setUrls(urls);
                  Q_EMIT dragging(*files);
                  auto* drag = new QDrag(source); // deletes itself and the files
                  drag->setMimeData(files);
                  drag->exec(Qt::CopyAction);
              });
}

void SampleActions::mouseOnHandle(QWidget* handle, const QMouseEvent& event) {
    if (event.type() == QEvent::MouseButtonPress && event.button() == Qt::LeftButton)
        m_pressedAt = event.pos();
    else if (event.type() != QEvent::MouseMove || !(event.buttons() & Qt::LeftButton))
        m_pressedAt.reset();
    else if (m_pressedAt &&
             (event.pos() - *m_pressedAt).manhattanLength() >= QApplication::startDragDistance()) {
        m_pressedAt.reset();
        if (auto* button = qobject_cast<QAbstractButton*>(handle))
            button->setDown(false); // letting go is no click any more
        dragOut(handle, m_handles.value(handle)());
    }
}

} // namespace diptych::ui
