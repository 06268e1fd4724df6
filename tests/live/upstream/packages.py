# SPDX-License-Identifier: Apache-2.0
"""Whose tests are witnesses, what CI asks of them, and where a difference cannot be avoided."""

import dataclasses


@dataclasses.dataclass
class Package:
    """
    ci: a regular expression of the tests that CI runs; None when the package is for the full form alone. as_nobody: whether the
    tests say something to an unprivileged user (most do what root's do).
    """

    path: str
    ci: str = None
    as_nobody: bool = False


@dataclasses.dataclass
class Difference:
    """A test whose result must differ: it is so (and noticed when it is not) where bare is what it is bare."""

    package: str
    test: str
    bare: str
    jailed: str
    reason: str


@dataclasses.dataclass
class Denial:
    """A call that jail denies in a test, as a regular expression."""

    package: str
    test: str
    call: str


@dataclasses.dataclass
class LeftOut:
    """A test that is not compared, since it does not always end the same way bare."""

    package: str
    test: str
    reason: str


PACKAGES = [
    Package("os/exec", ci=".", as_nobody=True),
    Package("os/signal", ci=".", as_nobody=True),
    Package("syscall", ci=".", as_nobody=True),
    Package("os/user", ci="."),
    Package("net", ci="."),
    Package("os", as_nobody=True),
    Package("time"),
    Package("crypto/x509"),
    Package("runtime/pprof"),
    Package("net/http"),
    Package("runtime"),
]

TRACES = "it traces a process that is traced already: a task has one tracer"
CRASH_TEXT = "the texts of stacks say where goroutines came from (GODEBUG's tracebackancestors)"

DIFFERENCES = [
    Difference("net/http", "TestLinuxSendfile", "PASS", "SKIP", "it runs strace; " + TRACES),
    Difference("runtime", "TestUsingVDSO", "PASS", "FAIL", "it runs strace; " + TRACES),
    Difference("runtime", "TestGdbPanic", "PASS", "FAIL", "it runs gdb; " + TRACES),
    Difference("runtime", "TestGdbBacktrace", "PASS", "FAIL", "it runs gdb; " + TRACES),
    Difference("runtime", "TestGdbPython", "PASS", "FAIL", "it runs gdb; " + TRACES),
    Difference("runtime", "TestGdbPythonCgo", "PASS", "FAIL", "it runs gdb; " + TRACES),
    Difference("runtime", "TestDebugCall", "PASS", "SKIP", "it asks first whether a debugger is there, and one is"),
    Difference("runtime", "TestDebugCallGC", "PASS", "SKIP", "likewise"),
    Difference("runtime", "TestDebugCallGrowStack", "PASS", "SKIP", "likewise"),
    Difference("runtime", "TestDebugCallLarge", "PASS", "SKIP", "likewise"),
    Difference("runtime", "TestDebugCallPanic", "PASS", "SKIP", "likewise"),
    Difference("runtime", "TestDebugCallUnsafePoint", "PASS", "SKIP", "likewise"),
    Difference("runtime", "TestSUID", "PASS", "SKIP", "a setuid helper gains nothing under no_new_privs"),
    Difference("runtime", "TestNumGoroutine", "PASS", "FAIL", "it counts the word goroutine in the text of the stacks; " + CRASH_TEXT),
    Difference("runtime", "TestTracebackElision", "PASS", "FAIL", "it counts the frames in a stack's text; " + CRASH_TEXT),
    Difference("runtime", "ExampleAddCleanup", "PASS", "FAIL", "the denial that DENIALS has"),
]

# A stack of the standard library alone, run by a finalizer, a cleanup or a timer, is nobody's and denied (row 7 of the verdict). In
# a program the function that runs there is some module's; here it is the standard library's own test.
DENIALS = [
    Denial("runtime", "ExampleAddCleanup", r"^unlinkat\(.*/file\.\d+\"\) \[unattributed\].* run by a finalizer, cleanup or timer$"),
]

LEFT_OUT = []
