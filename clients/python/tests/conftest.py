"""Runs tests that are coroutines, each in an event loop of its own, and ends what a test has left."""

from __future__ import annotations

import asyncio
import inspect
from typing import Iterator, Optional

import pytest
from servers import ServerProcess

#: No test takes a tenth of it; one that hangs must not take the others with it.
LONGEST_TEST_SECONDS = 120


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Optional[bool]:
    """Runs a test that is a coroutine function."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), LONGEST_TEST_SECONDS))
    return True


@pytest.fixture(scope="session")
def process() -> Iterator[ServerProcess]:
    """A process that servers are started in."""
    with ServerProcess() as process:
        yield process


@pytest.fixture
def servers(process: ServerProcess) -> Iterator[ServerProcess]:
    """As ``process``; the servers of a test are closed when it ends."""
    yield process
    process.close_all()
