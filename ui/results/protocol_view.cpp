// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/protocol_card.h"
#include "core/report/report_writers.h"
#include "ui/models/formatting.h"
#include "ui/results/views.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

QString escaped(const std::string& text) {
    return toQString(text).toHtmlEscaped();
}

QString headingOf(const QString& text) {
    return QStringLiteral("<h3>%1</h3>").arg(text.toHtmlEscaped());
}

/// What the run's numbers are the numbers of, and where CLIP_benchmark does otherwise.
class ProtocolView : public ResultView {
public:
    explicit ProtocolView(const ResultContext& context) : ResultView(context) {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        layout->setSpacing(theme::kMedium);
        auto* bar = new QHBoxLayout;
        m_sentence = new QLabel;
        m_sentence->setObjectName(QStringLiteral("protocolSentence"));
        m_sentence->setWordWrap(true);
        m_sentence->setTextFormat(Qt::PlainText);
        m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        auto* copy = new QPushButton(tr("Copy as Markdown"));
        copy->setObjectName(QStringLiteral("copyProtocol"));
        bar->addWidget(m_sentence, 1);
        bar->addWidget(copy, 0, Qt::AlignTop);
        layout->addLayout(bar);
        m_card = new QTextBrowser;
        m_card->setObjectName(QStringLiteral("protocolCard"));
        m_card->setAccessibleName(tr("Protocol card"));
        m_card->setOpenLinks(false);
        m_card->setFrameShape(QFrame::NoFrame);
        layout->addWidget(m_card, 1);
        connect(copy, &QPushButton::clicked, this, [this] {
            if (m_run)
                QApplication::clipboard()->setText(toQString(protocolMarkdown(*m_run)));
        });
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_run = std::move(run);
        const ProtocolCard card = protocolCard(*m_run);
        m_sentence->setText(toQString(clipBenchmarkSentence(card)) + QLatin1Char('.'));
        QString html;
        for (const ProtocolGroup& group : card.groups) {
            html += headingOf(toQString(group.title)) + QStringLiteral("<table cellpadding=\"3\">");
            for (const ProtocolRow& row : group.rows)
                html += QStringLiteral("<tr><td width=\"240\">%1</td><td>%2</td></tr>")
                            .arg(escaped(row.name), escaped(row.value));
            html += QStringLiteral("</table>");
        }
        html += promptsHtml(card) + deviationsHtml(tr("Differs from CLIP_benchmark in"), card.differs) +
                deviationsHtml(tr("To be checked against CLIP_benchmark"), card.check);
        m_card->setHtml(html);
    }

private:
    static QString promptsHtml(const ProtocolCard& card) {
        if (card.prompts.empty())
            return {};
        QString html = headingOf(tr("Prompts")) + QStringLiteral("<p>");
        for (const std::string& prompt : card.prompts)
            html += escaped(prompt) + QStringLiteral("<br>");
        return html + QStringLiteral("</p>");
    }
    static QString deviationsHtml(const QString& title, const std::vector<Deviation>& list) {
        if (list.empty())
            return {};
        QString html =
            headingOf(title) +
            QStringLiteral("<table cellpadding=\"3\"><tr><th width=\"240\" align=\"left\">%1</th><th "
                           "align=\"left\" width=\"45%\">%2</th><th align=\"left\">%3</th></tr>")
                .arg(tr("What"), tr("Here"), tr("There"));
        for (const Deviation& each : list)
            html += QStringLiteral("<tr><td>%1</td><td>%2</td><td>%3</td></tr>")
                        .arg(escaped(each.what), escaped(each.here), escaped(each.there));
        return html + QStringLiteral("</table>");
    }

    std::shared_ptr<const RunRecord> m_run;
    QLabel* m_sentence;
    QTextBrowser* m_card;
};

} // namespace

ResultView* makeProtocolView(const ResultContext& context) {
    return new ProtocolView(context);
}

} // namespace diptych::ui
