"""How a line of the log is written: as JSON for machines, or plain for a person, with the request it belongs to."""

import structlog

#: What every line carries, whoever wrote it: this project, Django or a library.
CARRIED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *CARRIED,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
)


def formatter(form: str) -> structlog.stdlib.ProcessorFormatter:
    """The formatter of ``LOGGING``. A traceback is written without the values of its variables."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=CARRIED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([plain] if form == "plain" else last),
        ],
    )
