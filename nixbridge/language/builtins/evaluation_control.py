"""Errors, forcing, messages. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.errors.exceptions import Aborted, Catchable, NixError, Thrown
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.printer import show_traced
from nixbridge.language.runtime.thunk import force, force_deep
from nixbridge.language.runtime.type_checks import expect_string
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.evaluation.globals import Services
    from nixbridge.language.machine.host import Host


@primop("throw", host=True)
def throw(host: Host, message: Lazy) -> Value:
    """Raises an error that tryEval catches. (builtins.throw)"""
    raise Thrown(str(to_string(message, host)))


@primop("abort", host=True)
def abort(host: Host, message: Lazy) -> Value:
    """Ends the evaluation; tryEval does not catch it. (builtins.abort)"""
    raise Aborted(f"evaluation aborted with the following error message: '{to_string(message, host)}'")


@primop("tryEval")
def try_eval(value: Lazy) -> Value:
    """Return `{ success, value }`: the value forced to its head, or false where a throw or a failed assertion came. (builtins.tryEval)"""
    try:
        return {"success": True, "value": force(value)}
    except Catchable:
        return {"success": False, "value": False}


@primop("seq")
def seq(first: Lazy, second: Lazy) -> Value:
    """Return the second, once the first has been forced to its head. (builtins.seq)"""
    force(first)
    return force(second)


@primop("deepSeq")
def deep_seq(first: Lazy, second: Lazy) -> Value:
    """Return the second, once the first has been forced wholly. (builtins.deepSeq)"""
    force_deep(first)
    return force(second)


@primop("trace", host=True)
def trace(host: Host, message: Lazy, value: Lazy) -> Value:
    """Return the value, after the message is shown on standard error. (builtins.trace)"""
    shown = force(message)
    host.messages.show(f"trace: {shown if isinstance(shown, str) else show_traced(shown)}")
    return force(value)


@primop("traceVerbose")
def trace_verbose(message: Lazy, value: Lazy) -> Value:
    """Return the value; the message is shown only under Nix's --trace-verbose, which nixbridge does not have. (builtins.traceVerbose)"""
    return force(value)


@primop("warn", host=True)
def warn(host: Host, message: Lazy, value: Lazy) -> Value:
    """Return the value, after a warning on standard error. (builtins.warn)"""
    host.messages.show(f"evaluation warning: {expect_string(message)}")
    return force(value)


@primop("addErrorContext", host=True)
def add_error_context(host: Host, context: Lazy, value: Lazy) -> Value:
    """Return the value; an error in it says that it came about while doing this. (builtins.addErrorContext)"""
    try:
        return force(value)
    except NixError as error:
        error.context.append(str(to_string(context, host, copy_to_store=False)))
        raise


@primop("break", services=True)
def break_(services: Services, value: Lazy) -> Value:
    """Return the value. With `nixbridge eval --debugger`, Python's debugger opens here, before it is looked at. (builtins.break)"""
    services.at_break()
    return force(value)
