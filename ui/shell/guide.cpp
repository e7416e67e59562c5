// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/guide.h"

#include "ui/theme/theme.h"

#include <QDialogButtonBox>
#include <QFile>
#include <QFileInfo>
#include <QPushButton>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextDocument>
#include <QUrl>
#include <QVBoxLayout>

// Of a static library: without this the linker leaves the resource out.
static void initGuideResource() {
    Q_INIT_RESOURCE(docs);
}

namespace diptych::ui {
namespace {

constexpr int kWidth = 860, kHeight = 620;

const QString kFolder = QStringLiteral("qrc:/docs/");

} // namespace

Guide::Guide(QWidget* parent) : QDialog(parent), m_browser(new QTextBrowser(this)) {
    initGuideResource();
    setWindowTitle(tr("Guide"));
    resize(kWidth, kHeight);
    m_browser->setObjectName(QStringLiteral("guideText"));
    m_browser->setAccessibleName(tr("Guide"));
    m_browser->setOpenLinks(false);
    connect(m_browser, &QTextBrowser::anchorClicked, this, [this](const QUrl& link) {
        if (link.isRelative() || link.scheme() == QLatin1String("qrc"))
            openDocument(QFileInfo(link.path()).fileName());
    });
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    auto* window = buttons->addButton(tr("The window"), QDialogButtonBox::ActionRole);
    auto* metrics = buttons->addButton(tr("Metrics"), QDialogButtonBox::ActionRole);
    connect(window, &QPushButton::clicked, this, [this] { openDocument(QStringLiteral("window.md")); });
    connect(metrics, &QPushButton::clicked, this, [this] { openDocument(QStringLiteral("metrics.md")); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
    column->setSpacing(theme::kMedium);
    column->addWidget(m_browser, 1);
    column->addWidget(buttons);
}

void Guide::openDocument(const QString& name) {
    QFile file(QStringLiteral(":/docs/") + name);
    if (!file.open(QIODevice::ReadOnly))
        return; // a link to a file that is not part of the guide
    m_browser->document()->setBaseUrl(QUrl(kFolder));
    m_browser->setMarkdown(QString::fromUtf8(file.readAll()));
    // Pictures are as wide as the text at most.
    const int widest = kWidth - 4 * theme::kHuge;
    for (QTextBlock block = m_browser->document()->begin(); block.isValid(); block = block.next())
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            QTextImageFormat image = it.fragment().charFormat().toImageFormat();
            if (!image.isValid())
                continue;
            image.setName(kFolder + image.name());
            image.setWidth(widest);
            QTextCursor cursor(m_browser->document());
            cursor.setPosition(it.fragment().position());
            cursor.setPosition(it.fragment().position() + it.fragment().length(), QTextCursor::KeepAnchor);
            cursor.setCharFormat(image);
            break; // the block's fragments are others now
        }
    m_browser->verticalScrollBar()->setValue(0);
}

void Guide::showPart(const QString& heading) {
    openDocument(QStringLiteral("window.md"));
    show();
    raise();
    activateWindow();
    for (QTextBlock block = m_browser->document()->begin(); block.isValid(); block = block.next()) {
        if (block.blockFormat().headingLevel() == 0 || block.text() != heading)
            continue;
        QTextCursor cursor(block);
        m_browser->setTextCursor(cursor);
        // The heading to the top, not only into sight.
        m_browser->verticalScrollBar()->setValue(m_browser->verticalScrollBar()->value() +
                                                 m_browser->cursorRect(cursor).top());
        return;
    }
}

QString Guide::text() const {
    return m_browser->toPlainText();
}

QString Guide::currentHeading() const {
    for (QTextBlock block = m_browser->textCursor().block(); block.isValid(); block = block.previous())
        if (block.blockFormat().headingLevel() > 0)
            return block.text();
    return {};
}

} // namespace diptych::ui
