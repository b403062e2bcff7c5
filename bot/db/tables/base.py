"""What all tables have in common."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, LargeBinary, MetaData, String, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.db.types import UtcDateTime, new_id


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own way of configuring
        datetime: UtcDateTime,
        bytes: LargeBinary,
        str: String(64),
        UUID: Uuid,
        list[Any]: JSON,
        dict[str, Any]: JSON,
    }


def key() -> Mapped[UUID]:
    return mapped_column(primary_key=True, default=new_id)


def to(table: str, *, index: bool = True) -> Any:
    return mapped_column(ForeignKey(f"{table}.id"), index=index)
