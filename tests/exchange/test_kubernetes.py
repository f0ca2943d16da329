"""Kubernetes manifests read as a scaffold."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import outlast
from outlast.errors import OutlastError, ScenarioError
from outlast.exchange.kubernetes_read import read_cluster
from outlast.exchange.kubernetes_write import TO_MEASURE, Scaffold, scaffold

MANIFEST = Path(__file__).parent / "manifests" / "ranking.yaml"


def made(folder: Path, *objects: Any, **options: Any) -> Scaffold:
    (folder / "all.yaml").write_text(yaml.safe_dump_all(objects))
    return scaffold(read_cluster([str(folder / "all.yaml")]), "k", **options)


def deployment(name: str = "web", kind: str = "Deployment", **changes: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": "i"}]}}
    spec = {"replicas": 5, "selector": {"matchLabels": {"app": name}}, "template": template}
    spec |= {key: value for key, value in changes.items() if key in ("replicas",)}
    template["spec"] |= {key: value for key, value in changes.items() if key not in ("replicas", "container")}
    template["spec"]["containers"][0] |= changes.get("container", {})
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def hpa(name: str = "web", **spec: Any) -> dict[str, Any]:
    target = {"kind": "Deployment", "name": name}
    body = {"scaleTargetRef": target, "maxReplicas": 9, **spec}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name}, "spec": body}


def budget(name: str = "web", **spec: Any) -> dict[str, Any]:
    body = {"selector": {"matchLabels": {"app": name}}, **spec}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": body}


def service(name: str = "web") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"selector": {"app": name}}}


def left_out(found: Scaffold) -> list[str]:
    return [f"{problem.path}: {problem.message}" for problem in found.left_out]


def test_a_service_and_its_store_become_the_scenario_worked_out_by_hand() -> None:
    found = scaffold(read_cluster([str(MANIFEST)]), "ranking")
    assert found.data() == {
        "scenario": "ranking",
        "horizon": "1 y",
        "regions": {
            "me-central-1": {
                "zones": ["me-central-1a", "me-central-1b", "me-central-1c"],
                "zone_outage": {"every": {"exponential": "5 y"}, "lasts": {"exponential": "2 h"}},
            }
        },
        "components": {
            "ranker": {
                "kind": "serving_endpoint",
                "regions": {"me-central-1": "active"},
                "demand": {"constant": "300 req/s"},
                "replica": {
                    "capacity": "100 req/s",
                    "time_to_failure": {"exponential": "30 d"},
                    "detection": {"uniform": {"low": "20 s", "high": "31 s"}},  # 3 tries of 10 s, 1 s each
                    "restart": "105.5 s",  # 60 + 20 + (40 + 62 - 20 - 31) / 2
                },
                "zone_detection": "40 s",
                "autoscale": {
                    "target": "65 %",
                    "min": 6,
                    "max": 40,
                    "scale_down_after": "10 min",
                    "scale_up": {"replicas": 4, "share": "100 %"},
                    "scale_down": {"share": "2.5 %"},
                    "replace_after": "100 s",
                },
            },
            "features": {
                "kind": "component",
                "count": 5,
                "needs_up": 3,  # 50 % of 5, rounded up
                "at": ["me-central-1.me-central-1a", "me-central-1.me-central-1b"],
                "time_to_failure": {"exponential": "30 d"},
                "detection": {"uniform": {"low": "5 s", "high": "11 s"}},
                "repair": {"lasts": "1 min"},
            },
        },
    }


def test_what_is_not_read_is_named_one_by_one_in_the_order_of_the_file() -> None:
    found = scaffold(read_cluster([str(MANIFEST)]), "ranking")
    lines = [problem.line for problem in found.left_out]
    assert lines == sorted(lines) and 0 not in lines
    assert [path.split(": ")[:2] for path in left_out(found)] == [
        ["Deployment ranker", "spec.replicas"],
        ["Deployment ranker", "spec.strategy"],
        ["HorizontalPodAutoscaler ranker", "spec.metrics.1"],
        ["HorizontalPodAutoscaler ranker", "spec.behavior.scaleDown.policies.0"],
        ["PodDisruptionBudget ranker", "spec"],
        ["StatefulSet features", "spec.template.spec.affinity.podAntiAffinity"],
        ["ConfigMap settings", "objects of kind ConfigMap are not read"],
    ]


def test_the_scaffold_loads_and_every_placeholder_is_marked_in_it_and_listed() -> None:
    found = scaffold(read_cluster([str(MANIFEST)]), "ranking")
    scenario = outlast.loads(found.text())
    assert scenario.document.data == found.data()
    marked = [line for line in found.text().splitlines()[1:] if TO_MEASURE in line]
    assert len(marked) == len(found.to_measure()) == 7
    said = {path for path, comment in scenario.assumptions() if TO_MEASURE in comment}
    assert "components.ranker.replica" in said and "components.features.time_to_failure" in said


def test_a_probe_is_noticed_between_its_last_try_at_once_and_a_whole_round_of_timeouts(tmp_path: Path) -> None:
    probe = {"periodSeconds": 7, "failureThreshold": 4, "timeoutSeconds": 3}
    web = deployment(container={"livenessProbe": probe})
    found = made(tmp_path, web).data()["components"]["web"]
    assert found["detection"] == {"uniform": {"low": "21 s", "high": "31 s"}}
    without = made(tmp_path, deployment())
    assert without.data()["components"]["web"]["detection"] == "0 s"
    assert ("components.web.detection", "0 s") in without.to_measure()


def test_an_autoscaler_that_says_nothing_has_the_defaults_of_kubernetes(tmp_path: Path) -> None:
    found = made(tmp_path, deployment(), hpa())
    assert found.data()["components"]["web"]["autoscale"] == {"target": "80 %", "min": 1, "max": 9}
    spec = outlast.loads(found.text()).spec.components["web"].autoscale
    assert (spec.every, spec.scale_down_after, spec.tolerance) == (15.0, 300.0, 0.1)
    assert (spec.scale_up.replicas, spec.scale_up.share, spec.scale_down.share) == (4, 1.0, 1.0)


def test_targets_that_have_no_counterpart_are_placeholders(tmp_path: Path) -> None:
    external = {"type": "External", "external": {}}
    found = made(tmp_path, deployment(), hpa(metrics=[external]))
    assert ("components.web.autoscale.target", "65 %") in found.to_measure()
    assert "metrics of type External" in left_out(found)[-1]
    much = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 150}}}
    found = made(tmp_path, deployment(), hpa(metrics=[much]))
    assert ("components.web.autoscale.target", "100 %") in found.to_measure()
    old = hpa(targetCPUUtilizationPercentage=50) | {"apiVersion": "autoscaling/v1"}
    assert made(tmp_path, deployment(), old).data()["components"]["web"]["autoscale"]["target"] == "50 %"


def test_scaling_that_is_switched_off_stays_off(tmp_path: Path) -> None:
    behavior = {"scaleDown": {"selectPolicy": "Disabled"}, "scaleUp": {"stabilizationWindowSeconds": 60}}
    found = made(tmp_path, deployment(), hpa(behavior=behavior))
    assert found.data()["components"]["web"]["autoscale"]["scale_down"] == {}
    assert "scaleUp.stabilizationWindowSeconds: starts are not held back" in left_out(found)[-1]


BUDGETS = [
    ({"minAvailable": 2}, 2),
    ({"minAvailable": "50%"}, 3),  # both are rounded up
    ({"maxUnavailable": "30%"}, 3),
    ({"maxUnavailable": 0}, 5),
    ({"minAvailable": 0}, 1),
]


@pytest.mark.parametrize(("spec", "needed"), BUDGETS)
def test_a_disruption_budget_says_how_many_are_needed(tmp_path: Path, spec: dict[str, Any], needed: int) -> None:
    found = made(tmp_path, deployment(kind="StatefulSet"), budget(**spec))
    assert found.data()["components"]["web"]["needs_up"] == needed
    assert ("components.web.needs_up", str(needed)) not in found.to_measure()


def test_a_deployment_is_an_endpoint_if_a_service_or_an_autoscaler_refers_to_it(tmp_path: Path) -> None:
    kinds = [made(tmp_path, *objects).data()["components"]["web"]["kind"]
             for objects in ([deployment()], [deployment(), service()], [deployment(), hpa()])]  # fmt: skip
    assert kinds == ["component", "serving_endpoint", "serving_endpoint"]


def test_zones_come_from_the_command_else_from_nodes_else_from_affinities(tmp_path: Path) -> None:
    pinned = deployment(nodeSelector={"topology.kubernetes.io/zone": "z1"})
    labels = {"topology.kubernetes.io/zone": "z2"}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "labels": labels}}
    zones = [made(tmp_path, *objects, **options).data()["regions"]["cluster"].get("zones")
             for objects, options in (([pinned, node], {"zones": ("a", "b")}), ([pinned, node], {}), ([pinned], {}))]  # fmt: skip
    assert zones == [["a", "b"], ["z2"], ["z1"]]
    assert made(tmp_path, deployment()).data()["regions"] == {"cluster": {}}


def test_nodes_of_several_regions_are_refused_unless_one_is_named(tmp_path: Path) -> None:
    nodes = [
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": z, "labels": {
            "topology.kubernetes.io/zone": z, "topology.kubernetes.io/region": z[:-1]}}}
        for z in ("r1a", "r2a")
    ]  # fmt: skip
    with pytest.raises(OutlastError, match="the nodes are in several regions: r1, r2"):
        made(tmp_path, deployment(), *nodes)
    assert made(tmp_path, deployment(), *nodes, region="all").data()["regions"]["all"]["zones"] == ["r1a", "r2a"]


def test_equal_names_in_two_namespaces_are_told_apart(tmp_path: Path) -> None:
    other = deployment()
    other["metadata"]["namespace"] = "blue"
    assert list(made(tmp_path, deployment(), other).data()["components"]) == [
        "default-web-deployment",
        "blue-web-deployment",
    ]


def test_a_dump_of_a_cluster_may_be_larger_than_a_scenario(tmp_path: Path) -> None:
    web = deployment()
    web["status"] = {"note": "x" * 2_000_000}
    (tmp_path / "large.json").write_text(json.dumps(web))
    assert [found.name for found in read_cluster([str(tmp_path / "large.json")]).workloads] == ["web"]
    (tmp_path / "huge.yaml").write_text("#" * (16 * 2**20 + 1))
    with pytest.raises(ScenarioError, match=r"too large .* at most 16 MiB are read"):
        read_cluster([str(tmp_path / "huge.yaml")])


def test_every_mistake_is_told_at_once_at_its_place(tmp_path: Path) -> None:
    objects = [
        deployment("old") | {"apiVersion": "extensions/v1beta1"},
        deployment("probe", container={"readinessProbe": {"periodSeconds": 0}}),
        hpa("probe", minReplicas=10),
        budget("probe", minAvailable=1, maxUnavailable=1),
        budget("probe", minAvailable="many"),
        deployment("twice"),
        deployment("twice"),
    ]
    with pytest.raises(ScenarioError) as raised:
        made(tmp_path, *objects)
    found = raised.value.problems
    documents = (tmp_path / "all.yaml").read_text().split("---\n")
    twice = 1 + sum(document.count("\n") + 1 for document in documents[:5])
    assert all(problem.line for problem in found)
    assert [f"{problem.path}: {problem.message}" for problem in found] == [
        "Deployment old: apiVersion: an old or unknown version (got 'extensions/v1beta1')",
        "Deployment probe: spec.template.spec.containers.0.readinessProbe.periodSeconds: must be at least 1 (got 0)",
        "HorizontalPodAutoscaler probe: spec.maxReplicas: must be at least minReplicas, 10 (got 9)",
        "PodDisruptionBudget probe: spec.maxUnavailable: cannot be given beside `minAvailable`",
        "PodDisruptionBudget probe: spec.minAvailable: not a number or a percentage (got 'many')",
        f"Deployment twice: metadata.name: is given twice; first on line {twice} of {tmp_path / 'all.yaml'}",
    ]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of everything in a document."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in pairs for found in leaves(each, (*path, key)))]


DOCUMENTS = list(yaml.safe_load_all(MANIFEST.read_text()))
PLACES = [(i, path) for i, document in enumerate(DOCUMENTS) for path in leaves(document) if path]
JUNK = st.sampled_from([None, True, -1, 0, 2.5, 10**12, "", "x y", "# <b>", "\x1b[2J", [], ["a"], {}, {"a": 1}, "50%"])


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), junk=JUNK)
def test_whatever_stands_in_a_field_the_answer_is_a_message_or_a_scenario(
    tmp_path: Path, place: Any, junk: Any
) -> None:
    documents, (i, path) = copy.deepcopy(DOCUMENTS), place
    above = documents[i]
    for part in path[:-1]:
        above = above[part]
    above[path[-1]] = junk
    try:
        found = made(tmp_path, *documents)
        found.check()
    except OutlastError as error:
        assert str(error).isprintable() or "\n" in str(error)
        assert "\x1b" not in str(error)
        return
    assert outlast.loads(found.text()).document.data == found.data()


def test_the_command_reads_what_kubectl_prints_and_writes_a_scenario(cli: Callable[..., Result]) -> None:
    items = [deployment(), service(), hpa()]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=4)
    result = cli("import", "kubernetes", "-", "--zones", "a,b", "--name", "web", input=listed)
    assert result.exit_code == 0, result.stderr
    assert "components.web.replica.time_to_failure: {exponential: 30 d}" in result.stderr
    Path("web.yaml").write_text(result.stdout)
    assert cli("validate", "web.yaml").exit_code == 0
    document = json.loads(
        cli("import", "kubernetes", "-", "--json", "--zones", "a,b", "--name", "web", input=listed).stdout
    )
    assert document["scenario"] == yaml.safe_load(result.stdout)
    assert document["to_be_measured"][0] == {
        "path": "regions.cluster.zone_outage",
        "placeholder": "{every: {exponential: 5 y}, lasts: {exponential: 2 h}}",
    }


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{apiVersion: v1, kind: ConfigMap}", "no Deployment or StatefulSet was found", "kubectl get"),
        ("kind: Deployment\nspec: {replicas: {{ .Values.n }}}", "a key must be a name", "helm template"),
        ("a: 1", "an object with `apiVersion` and `kind` is expected here", ""),
    ],
)
def test_a_file_that_is_no_manifest_is_told_in_one_message(
    cli: Callable[..., Result], text: str, message: str, hint: str
) -> None:
    Path("x.yaml").write_text(text)
    result = cli("import", "kubernetes", "x.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr and hint in result.stderr and result.stderr.count("error:") == 1
