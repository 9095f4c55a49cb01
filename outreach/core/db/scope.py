"""Who a session reads and writes for, and the guard that refuses everything else.

Three nets, each enough for most paths, together for all of `tests/services/test_scope.py`:
criteria on every ORM statement; a gate before every cursor that refuses whatever reached a scoped
table another way; a check of each row as it is loaded and of each object as it is flushed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.orm import Session as SASession
from sqlmodel import Session as SQLModelSession

from outreach.core.db.statements import judge_statement
from outreach.core.errors import OutreachError
from outreach.core.tables import InWorkspace, ScopedRecord

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.interfaces import ExecutionContext
    from sqlalchemy.orm import UOWTransaction

_APPLIED = "outreach_scope_applied"
_SESSION = "outreach_session"
_VERDICT = "_outreach_scope_verdict"


class ScopeViolation(OutreachError):
    """A statement would have crossed the border of a workspace, or was not made for one."""

    status = 500


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows a session may touch: one workspace's, or with `workspace_id` None everyone's."""

    workspace_id: int | None
    user_id: int | None = None

    @property
    def is_system(self) -> bool:
        """True for the scope of ticks, migrations and operators."""
        return self.workspace_id is None


SYSTEM = Scope(workspace_id=None)


class Session(SQLModelSession):
    """A database session opened for one scope, for good."""

    def __init__(
        self, *args: Any, scope: Scope | None = None, readonly: bool = False, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self._scope = scope
        self.is_readonly = readonly
        self.is_flushing = False
        self.bulk_depth = 0
        self.is_finding = False

    @property
    def scope(self) -> Scope:
        """The scope this session was opened for; refuses when there is none."""
        if self._scope is None:
            raise ScopeViolation("This session was opened without a scope.")
        return self._scope

    @property
    def workspace_id(self) -> int:
        """The workspace of this session; refuses in system scope."""
        if self.scope.workspace_id is None:
            raise ScopeViolation("This needs a session of one workspace, not of the system.")
        return self.scope.workspace_id

    @property
    def is_postgres(self) -> bool:
        """True when the engine speaks PostgreSQL."""
        return self.get_bind().dialect.name == "postgresql"


@event.listens_for(Session, "do_orm_execute")
def _add_criteria(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, Session)
    workspace_id = session.scope.workspace_id
    if workspace_id is None or not state.is_orm_statement:
        return
    if state.is_insert:
        raise ScopeViolation("Insert with session.add or core.db.bulk_write.")
    if state.is_update and _sets_workspace(state.statement):
        raise ScopeViolation("A row cannot be moved to another workspace.")
    state.statement = state.statement.options(
        with_loader_criteria(
            InWorkspace,
            lambda cls: cls.workspace_column == workspace_id,
            include_aliases=True,
            propagate_to_loaders=True,
        )
    )
    state.update_execution_options(**{_APPLIED: workspace_id})


def _sets_workspace(statement: Any) -> bool:
    names = [getattr(key, "key", key) for key in (statement._values or {})]  # noqa: SLF001
    return "workspace_id" in names


@event.listens_for(Session, "before_flush")
def _stamp_and_verify(session: Session, _context: UOWTransaction, _objects: Any) -> None:
    if session.is_readonly and (session.new or session.dirty or session.deleted):
        raise ScopeViolation("This session only reads; open one with writing().")
    session.is_flushing = True
    workspace_id = session.scope.workspace_id
    for row in session.new:
        if isinstance(row, ScopedRecord) and not row.workspace_id:
            row.workspace_id = session.workspace_id
    if workspace_id is None:
        return
    for row in [*session.new, *session.dirty, *session.deleted]:
        if isinstance(row, ScopedRecord):
            _verify_row(row, workspace_id)


def _verify_row(row: ScopedRecord, workspace_id: int) -> None:
    history = sa.inspect(row).attrs.workspace_id.history
    if row.workspace_id != workspace_id or any(old != workspace_id for old in history.deleted):
        raise ScopeViolation(f"This {type(row).__name__} belongs to another workspace.")


@event.listens_for(Session, "after_flush")
@event.listens_for(Session, "after_soft_rollback")
def _flush_is_over(session: Session, *_: Any) -> None:
    session.is_flushing = False


@event.listens_for(Session, "after_begin")
def _remember_session(session: Session, _transaction: Any, connection: Connection) -> None:
    connection.info[_SESSION] = session


@event.listens_for(Session, "after_transaction_end")
def _forget_session(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.is_flushing = False


@event.listens_for(ScopedRecord, "load", propagate=True)
def _check_loaded(row: ScopedRecord, context: Any) -> None:
    if context is not None:  # None: merge made an empty row, which before_flush will verify
        _check_row_of(context.session, row)


@event.listens_for(ScopedRecord, "refresh", propagate=True)
def _check_refreshed(row: ScopedRecord, context: Any, _names: Any) -> None:
    if context is not None:  # None: an UPDATE told a row that is loaded, and checked, its values
        _check_row_of(context.session, row)


def _check_row_of(session: SASession, row: ScopedRecord) -> None:
    if not isinstance(session, Session):
        raise ScopeViolation("Rows are loaded through core.db sessions only.")
    wanted = session.scope.workspace_id
    found = sa.inspect(row).dict.get("workspace_id", wanted)
    if wanted is not None and found != wanted:
        raise ScopeViolation(f"A {type(row).__name__} of another workspace was loaded.")


def install_gate(engine: sa.Engine) -> None:
    """Refuse, before any cursor runs it, a statement no session has vetted."""

    @event.listens_for(engine, "before_cursor_execute")
    def _gate(
        conn: Connection,
        _cursor: Any,
        statement: str,
        _params: Any,
        context: ExecutionContext,
        _m: bool,
    ) -> None:
        if statement in {"BEGIN", "BEGIN IMMEDIATE"}:
            return
        session = conn.info.get(_SESSION)
        if session is None or session.get_transaction() is None:
            raise ScopeViolation("Statements run in a session opened for a scope.")
        _refuse_unvetted(session, context)

    @event.listens_for(engine, "checkin")
    def _forget(_dbapi_connection: Any, record: Any) -> None:
        record.info.pop(_SESSION, None)


def _refuse_unvetted(session: Session, context: Any) -> None:
    compiled = context.compiled
    is_write = compiled is None or compiled.isinsert or compiled.isupdate or compiled.isdelete
    if session.is_readonly and is_write and not session.is_finding:
        raise ScopeViolation("This session only reads; open one with writing().")
    workspace_id = session.scope.workspace_id
    if workspace_id is None or session.bulk_depth:
        return
    if compiled is None or isinstance(compiled.statement, sa.TextClause):
        raise ScopeViolation("SQL text is for system scope; use the ORM or core.db.bulk_write.")
    if session.is_flushing and is_write:
        return
    touches_scoped, only_entities = _verdict_on(compiled)
    if not touches_scoped:
        return
    if context.execution_options.get(_APPLIED) != workspace_id or not only_entities:
        raise ScopeViolation("A scoped table was reached without its workspace.")


def _verdict_on(compiled: Any) -> tuple[bool, bool]:
    """Judge a statement once; SQLAlchemy caches compiled statements, so the walk is rare."""
    verdict: tuple[bool, bool] | None = compiled.__dict__.get(_VERDICT)
    if verdict is None:
        verdict = judge_statement(compiled.statement)
        compiled.__dict__[_VERDICT] = verdict
    return verdict
