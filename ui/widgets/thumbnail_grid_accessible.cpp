// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/thumbnail_grid_accessible.h"

#include "ui/widgets/thumbnail_grid.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QHash>
#include <QPointer>

namespace diptych::ui {

namespace {

/// One picture. Made when somebody asks for it, gone when the rows are others.
class PictureAccessible : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    PictureAccessible(ThumbnailGrid* grid, int row) : m_grid(grid), m_row(row) {}

    bool isValid() const override { return m_grid && m_row < m_grid->model()->rowCount(m_grid->rootIndex()); }
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    QAccessibleInterface* parent() const override {
        return QAccessible::queryAccessibleInterface(m_grid.data());
    }
    QAccessibleInterface* child(int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    void setText(QAccessible::Text, const QString&) override {}
    QAccessible::Role role() const override { return QAccessible::ListItem; }
    int row() const { return m_row; }

    QString text(QAccessible::Text kind) const override {
        if (!isValid())
            return {};
        if (kind == QAccessible::Description)
            return m_grid->describe(index());
        if (kind != QAccessible::Name)
            return {};
        const QString name = index().data(Qt::AccessibleTextRole).toString();
        return name.isEmpty() ? index().data(Qt::DisplayRole).toString() : name;
    }
    QRect rect() const override {
        if (!isValid())
            return {};
        const QRect cell = m_grid->visualRect(index());
        return {m_grid->viewport()->mapToGlobal(cell.topLeft()), cell.size()};
    }
    QAccessible::State state() const override {
        QAccessible::State state;
        if (!isValid()) {
            state.invalid = true;
            return state;
        }
        state.selectable = state.focusable = state.multiSelectable = state.extSelectable = true;
        state.selected = m_grid->selectionModel()->isSelected(index());
        state.focused = m_grid->hasFocus() && m_grid->currentIndex() == index();
        state.offscreen = !m_grid->viewport()->rect().intersects(m_grid->visualRect(index()));
        return state;
    }

    void* interface_cast(QAccessible::InterfaceType type) override {
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this)
                                                    : nullptr;
    }
    QStringList actionNames() const override { return {pressAction(), setFocusAction()}; }
    QStringList keyBindingsForAction(const QString&) const override { return {}; }
    void doAction(const QString& name) override {
        if (!isValid())
            return;
        m_grid->setCurrentIndex(index());
        if (name == pressAction())
            Q_EMIT m_grid->activated(index());
        else
            m_grid->setFocus();
    }

private:
    QModelIndex index() const { return m_grid->model()->index(m_row, 0, m_grid->rootIndex()); }

    QPointer<ThumbnailGrid> m_grid;
    int m_row;
};

class GridAccessible : public QAccessibleWidget {
public:
    explicit GridAccessible(ThumbnailGrid* grid) : QAccessibleWidget(grid, QAccessible::List) {}
    ~GridAccessible() override {
        for (const QAccessible::Id id : std::as_const(m_pictures))
            QAccessible::deleteAccessibleInterface(id);
    }

    int childCount() const override {
        return grid() && grid()->model() ? grid()->model()->rowCount(grid()->rootIndex()) : 0;
    }
    QAccessibleInterface* child(int row) const override {
        if (row < 0 || row >= childCount())
            return nullptr;
        auto found = m_pictures.find(row);
        if (found == m_pictures.end())
            found = m_pictures.insert(
                row, QAccessible::registerAccessibleInterface(new PictureAccessible(grid(), row)));
        return QAccessible::accessibleInterface(*found);
    }
    int indexOfChild(const QAccessibleInterface* child) const override {
        const auto* picture = dynamic_cast<const PictureAccessible*>(child);
        return picture ? picture->row() : -1;
    }
    QAccessibleInterface* childAt(int x, int y) const override {
        const QModelIndex index = grid()->indexAt(grid()->viewport()->mapFromGlobal(QPoint(x, y)));
        return index.isValid() ? child(index.row()) : nullptr;
    }
    QAccessibleInterface* focusChild() const override {
        return grid()->hasFocus() && grid()->currentIndex().isValid() ? child(grid()->currentIndex().row())
                                                                      : nullptr;
    }

private:
    ThumbnailGrid* grid() const { return static_cast<ThumbnailGrid*>(object()); }

    mutable QHash<int, QAccessible::Id> m_pictures; ///< by row; a row stays the same picture's place
};

QAccessibleInterface* makeGridAccessible(const QString&, QObject* object) {
    auto* grid = qobject_cast<ThumbnailGrid*>(object);
    return grid ? new GridAccessible(grid) : nullptr;
}

} // namespace

void makeThumbnailGridsAccessible() {
    static const bool once = [] {
        QAccessible::installFactory(makeGridAccessible);
        return true;
    }();
    static_cast<void>(once);
}

void announceCurrent(ThumbnailGrid& grid, const QModelIndex& current) {
    if (!QAccessible::isActive() || !current.isValid() || !grid.hasFocus())
        return;
    QAccessibleEvent event(&grid, QAccessible::Focus);
    event.setChild(current.row());
    QAccessible::updateAccessibility(&event);
}

} // namespace diptych::ui
