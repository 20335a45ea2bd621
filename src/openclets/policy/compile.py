"""Cedar policies, in their JSON form, compiled to one Python function for the hot path.

The meaning is Cedar's, errors included: what each construct does with a wrong type, a missing attribute or an
overflow is taken from the reference evaluator (`cedarpy`) and held to it by the differential fuzz in
`tests/policy/test_compile.py`. A construct that isn't known here is refused, never approximated. Entities
have no attributes and no parents: everything a rule looks at is a flat context attribute.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from openclets.policy import semantics
from openclets.policy.semantics import EntityUid, Value

Outcome: TypeAlias = tuple[list[str], list[str], list[tuple[str, str]]]
"""Ids of permits that hold, ids of forbids that hold, and (id, kind of error) of policies that erred."""

Evaluate: TypeAlias = Callable[..., Outcome]
"""Principal, action, resource, and the context: as one mapping, or value by value (see `compile_policies`).
"""


class UnknownConstruct(ValueError):
    """A policy uses something that has no compiled form. The rule set is refused whole."""


@dataclass(frozen=True, slots=True)
class _Expression:
    """A piece of Python syntax, and whether it can only yield a truth value."""

    node: ast.expr
    boolean: bool = False


_DEPTH_MAX = 60


class _Compiler:
    """Turns expressions into syntax nodes; constants go into `names`, the globals of the compiled function.

    `attributes` are those that every request has, with their types: each is a variable of the function. None:
    requests come as a mapping, and an attribute may be absent or of any type.
    """

    def __init__(self, attributes: Mapping[str, type] | None) -> None:
        self._attributes = attributes
        self.names: dict[str, Any] = {
            "EvaluationError": semantics.EvaluationError,
            "KeyError": KeyError,
            "__builtins__": {},
        }

    def policy(self, policy: Mapping[str, Any]) -> ast.expr:
        """The condition of one policy: its scope and its clauses, in Cedar's order."""
        parts = [
            part
            for variable in ("principal", "action", "resource")
            if (part := self._scope(variable, policy[variable])) is not None
        ]
        for clause in policy.get("conditions", []):
            body = self._truth(self._compile(clause["body"], 0))
            if clause["kind"] == "when":
                parts.append(body)
            elif clause["kind"] == "unless":
                parts.append(ast.UnaryOp(ast.Not(), body))
            else:
                raise UnknownConstruct(f"clause {clause['kind']}")
        if not parts:
            return ast.Constant(True)
        return parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts)

    def _scope(self, variable: str, scope: Mapping[str, Any]) -> ast.expr | None:
        op = scope["op"]
        if op == "All":
            return None
        if "slot" in scope:
            raise UnknownConstruct("template slot")
        subject = ast.Name(variable, ast.Load())
        if op == "==" or (op == "in" and "entity" in scope):
            return ast.Compare(subject, [ast.Eq()], [self._constant(_uid(scope["entity"]))])
        if op == "in":
            return ast.Compare(subject, [ast.In()], [self._constant(frozenset(map(_uid, scope["entities"])))])
        if op == "is":
            arguments: list[ast.expr] = [subject, ast.Constant(scope["entity_type"])]
            test: ast.expr = self._call(semantics.is_type, arguments)
            if "in" in scope:
                within = ast.Compare(subject, [ast.Eq()], [self._constant(_uid(scope["in"]["entity"]))])
                test = ast.BoolOp(ast.And(), [test, within])
            return test
        raise UnknownConstruct(f"scope operator {op}")

    def _compile(self, expression: Mapping[str, Any], depth: int) -> _Expression:
        if depth > _DEPTH_MAX:
            raise UnknownConstruct(f"an expression nested deeper than {_DEPTH_MAX}")
        if len(expression) != 1:
            raise UnknownConstruct(f"expression with members {sorted(expression)}")
        ((op, body),) = expression.items()
        if op in _BINARY:
            operation, boolean = _BINARY[op]
            left, right = (self._compile(body[side], depth + 1) for side in ("left", "right"))
            return _Expression(self._call(operation, [left.node, right.node]), boolean)
        special = getattr(self, _SPECIAL.get(op, ""), None)
        if special is None:
            raise UnknownConstruct(f"operator {op}")
        compiled: _Expression = special(body, depth + 1)
        return compiled

    def _value(self, body: Any, _depth: int) -> _Expression:
        if isinstance(body, bool | int | str):
            return _Expression(ast.Constant(body), isinstance(body, bool))
        if isinstance(body, dict) and set(body) == {"__entity"}:
            return _Expression(self._constant(_uid(body["__entity"])))
        raise UnknownConstruct(f"literal {body!r}")

    def _variable(self, body: str, _depth: int) -> _Expression:
        if body not in ("principal", "action", "resource"):
            raise UnknownConstruct(f"{body} as a value")
        return _Expression(ast.Name(body, ast.Load()))

    def _attribute(self, body: Mapping[str, Any], _depth: int) -> _Expression:
        name = _of_context(body)
        if self._attributes is None:
            return _Expression(ast.Subscript(ast.Name("context", ast.Load()), ast.Constant(name), ast.Load()))
        if name not in self._attributes:
            raise UnknownConstruct(f"context.{name}, which no request has,")
        return _Expression(ast.Name(_variable_of(name), ast.Load()), self._attributes[name] is bool)

    def _has(self, body: Mapping[str, Any], _depth: int) -> _Expression:
        name = _of_context(body)
        if self._attributes is not None:
            return _Expression(ast.Constant(name in self._attributes), True)
        context = ast.Name("context", ast.Load())
        return _Expression(ast.Compare(ast.Constant(name), [ast.In()], [context]), True)

    def _and(self, body: Mapping[str, Any], depth: int) -> _Expression:
        return self._joined(ast.And(), body, depth)

    def _or(self, body: Mapping[str, Any], depth: int) -> _Expression:
        return self._joined(ast.Or(), body, depth)

    def _joined(self, operator: ast.boolop, body: Mapping[str, Any], depth: int) -> _Expression:
        sides = [self._truth(self._compile(body[side], depth)) for side in ("left", "right")]
        return _Expression(ast.BoolOp(operator, sides), True)

    def _not(self, body: Mapping[str, Any], depth: int) -> _Expression:
        return _Expression(ast.UnaryOp(ast.Not(), self._truth(self._compile(body["arg"], depth))), True)

    def _negated(self, body: Mapping[str, Any], depth: int) -> _Expression:
        return _Expression(self._call(semantics.negate, [self._compile(body["arg"], depth).node]))

    def _is_empty(self, body: Mapping[str, Any], depth: int) -> _Expression:
        return _Expression(self._call(semantics.is_empty, [self._compile(body["arg"], depth).node]), True)

    def _equal(self, body: Mapping[str, Any], depth: int) -> _Expression:
        left, right = (self._compile(body[side], depth).node for side in ("left", "right"))
        if any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (left, right)):
            # Text equals nothing but text, in Python as in Cedar; truth and numbers need the careful form.
            return _Expression(ast.Compare(left, [ast.Eq()], [right]), True)
        return _Expression(self._call(semantics.equal, [left, right]), True)

    def _unequal(self, body: Mapping[str, Any], depth: int) -> _Expression:
        return _Expression(ast.UnaryOp(ast.Not(), self._equal(body, depth).node), True)

    def _contains(self, body: Mapping[str, Any], depth: int) -> _Expression:
        right = self._compile(body["right"], depth).node
        literals = _literals(body["left"])
        if literals is not None:
            return _Expression(ast.Compare(right, [ast.In()], [self._constant(literals)]), True)
        left = self._compile(body["left"], depth).node
        return _Expression(self._call(semantics.contains, [left, right]), True)

    def _set(self, body: list[Mapping[str, Any]], depth: int) -> _Expression:
        members: list[ast.expr] = [self._compile(member, depth).node for member in body]
        return _Expression(self._call(semantics.make_set, members))

    def _like(self, body: Mapping[str, Any], depth: int) -> _Expression:
        pattern = self._constant(semantics.wildcard_pattern(body["pattern"]))
        return _Expression(
            self._call(semantics.like, [self._compile(body["left"], depth).node, pattern]), True
        )

    def _is(self, body: Mapping[str, Any], depth: int) -> _Expression:
        left = self._compile(body["left"], depth).node
        test: ast.expr = self._call(semantics.is_type, [left, ast.Constant(body["entity_type"])])
        if "in" in body:
            within = self._call(semantics.is_in, [left, self._compile(body["in"], depth).node])
            test = ast.BoolOp(ast.And(), [test, within])
        return _Expression(test, True)

    def _if(self, body: Mapping[str, Any], depth: int) -> _Expression:
        condition = self._truth(self._compile(body["if"], depth))
        then, other = self._compile(body["then"], depth), self._compile(body["else"], depth)
        return _Expression(ast.IfExp(condition, then.node, other.node), then.boolean and other.boolean)

    def _truth(self, expression: _Expression) -> ast.expr:
        return expression.node if expression.boolean else self._call(semantics.truth, [expression.node])

    def _call(self, function: Callable[..., Value], arguments: list[ast.expr]) -> ast.Call:
        self.names[function.__name__] = function
        return ast.Call(ast.Name(function.__name__, ast.Load()), arguments, [])

    def _constant(self, value: object) -> ast.Name:
        name = f"constant_{len(self.names)}"
        self.names[name] = value
        return ast.Name(name, ast.Load())


_BINARY: Mapping[str, tuple[Callable[..., Value], bool]] = {
    "<": (semantics.less, True),
    "<=": (semantics.less_or_equal, True),
    ">": (semantics.greater, True),
    ">=": (semantics.greater_or_equal, True),
    "+": (semantics.add, False),
    "-": (semantics.subtract, False),
    "*": (semantics.multiply, False),
    "in": (semantics.is_in, True),
    "containsAll": (semantics.contains_all, True),
    "containsAny": (semantics.contains_any, True),
}

_SPECIAL: Mapping[str, str] = {
    "Value": "_value",
    "Var": "_variable",
    ".": "_attribute",
    "has": "_has",
    "&&": "_and",
    "||": "_or",
    "!": "_not",
    "neg": "_negated",
    "isEmpty": "_is_empty",
    "==": "_equal",
    "!=": "_unequal",
    "contains": "_contains",
    "Set": "_set",
    "like": "_like",
    "is": "_is",
    "if-then-else": "_if",
}


def compile_policies(
    policies: Mapping[str, Mapping[str, Any]], *, attributes: Mapping[str, type] | None = None
) -> Evaluate:
    """One function that evaluates every policy. `policies` is Cedar's JSON form, by rule id.

    It is called with principal, action and resource, and then either the context as a mapping or, where
    `attributes` says what every request has, their values in that order, whose types the caller has checked.
    Raises UnknownConstruct, naming the rule, for anything that has no compiled form.
    """
    compiler = _Compiler(attributes)
    body: list[ast.stmt] = []
    for rule_id, policy in policies.items():
        try:
            body.append(_guarded(rule_id, policy["effect"], compiler.policy(policy)))
        except UnknownConstruct as unknown:
            raise UnknownConstruct(f"{rule_id}: {unknown} has no compiled form") from unknown
    context = ["context"] if attributes is None else [_variable_of(name) for name in attributes]
    names = ("principal", "action", "resource", *context)
    arguments = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
    lists: list[ast.stmt] = [
        ast.Assign([ast.Name(name, ast.Store())], ast.List([], ast.Load()))
        for name in ("permit", "forbid", "errors")
    ]
    answer = ast.Return(
        ast.Tuple([ast.Name(n, ast.Load()) for n in ("permit", "forbid", "errors")], ast.Load())
    )
    module = ast.Module([ast.FunctionDef("evaluate", arguments, [*lists, *body, answer], [])], [])
    # Built from syntax nodes, never from text, and run without builtins: a rule can't inject code.
    exec(compile(ast.fix_missing_locations(module), "<rule set>", "exec"), compiler.names)  # noqa: S102
    evaluate: Evaluate = compiler.names["evaluate"]
    return evaluate


def _guarded(rule_id: str, effect: str, condition: ast.expr) -> ast.Try:
    """`if condition: effect.append(id)`, with each error caught and kept, as Cedar does policy by policy."""
    if effect not in ("permit", "forbid"):
        raise UnknownConstruct(f"effect {effect}")
    record = ast.If(condition, [ast.Expr(_append(effect, ast.Constant(rule_id)))], [])

    def note(kind: ast.expr) -> list[ast.stmt]:
        return [ast.Expr(_append("errors", ast.Tuple([ast.Constant(rule_id), kind], ast.Load())))]

    return ast.Try(
        body=[record],
        handlers=[
            ast.ExceptHandler(
                ast.Name("KeyError", ast.Load()), None, note(ast.Constant(semantics.MISSING_ATTRIBUTE))
            ),
            ast.ExceptHandler(
                ast.Name("EvaluationError", ast.Load()),
                "error",
                note(ast.Attribute(ast.Name("error", ast.Load()), "kind", ast.Load())),
            ),
        ],
        orelse=[],
        finalbody=[],
    )


def _append(name: str, value: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name(name, ast.Load()), "append", ast.Load()), [value], [])


def _uid(entity: Mapping[str, str]) -> EntityUid:
    return EntityUid(entity["type"], entity["id"])


def _of_context(body: Mapping[str, Any]) -> str:
    if body["left"] != {"Var": "context"}:
        raise UnknownConstruct("an attribute of anything but context")
    return str(body["attr"])


def _variable_of(attribute: str) -> str:
    return f"context_{attribute}"


def _literals(expression: Mapping[str, Any]) -> frozenset[str | EntityUid] | None:
    """The members of a set literal of texts and entities; None for any other expression.

    Only these may be looked up as they stand: truth values and numbers are told apart by
    `semantics.contains`.
    """
    members = expression.get("Set")
    if not members:
        return None
    found: set[str | EntityUid] = set()
    for member in members:
        value = member.get("Value")
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict) and set(value) == {"__entity"}:
            found.add(_uid(value["__entity"]))
        else:
            return None
    return frozenset(found)
