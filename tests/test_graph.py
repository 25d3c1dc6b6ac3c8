"""`nixbridge graph`: what is in a picture, and how it is written."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from nixbridge import evaluate
from nixbridge.content_security import policy_of
from nixbridge.errors.exceptions import EvalError
from nixbridge.mesh.graph import dot, graph_page, mermaid
from nixbridge.mesh.graph import graph_svg as svg
from nixbridge.mesh.graph.labels import policy_lines
from nixbridge.mesh.graph.page_style import SCRIPT, STYLE
from nixbridge.mesh.graph.picture import COLOURS, DARK_COLOURS, Picture
from nixbridge.mesh.graph.traffic import heading_of, picture_of
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import render

needs_graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")

SHOP = """{
  web = mkVirtualService "web" {
    namespace = "shop";
    hosts = [ "shop.example.com" ];
    httpRoutes = [
      { match = [ { uri.prefix = "/old"; } ]; redirect.uri = "/new"; }
      {
        match = [ { uri.prefix = "/cart"; headers.x-beta.exact = "on"; } ];
        route = [ { destination = { host = "cart"; subset = "v2"; }; } ];
      }
      {
        route = [
          { destination = { host = "cart"; subset = "v1"; }; weight = 3; }
          { destination = { host = "cart.shop.svc.cluster.local"; subset = "v2"; }; weight = 1; }
        ];
        mirror = "shadow";
        mirrorPercent = 50;
      }
    ];
  } // { gateways = [ "edge/public" ]; };
  cart = mkDestinationRule "cart" {
    namespace = "shop";
    trafficPolicy.loadBalancer = "RANDOM";
    subsets = [ { name = "v1"; labels.version = "v1"; } { name = "v2"; labels.version = "v2"; } ];
  };
  outside = mkServiceEntry "bank" {
    namespace = "shop";
    hosts = [ "bank.example.com" ];
    resolution = "DNS";
    ports = [ { number = 443; name = "tls"; protocol = "TLS"; } ];
  };
  allowed = mkAuthorizationPolicy "allowed" {
    namespace = "shop";
    selector.app = "cart";
    rules = [ { from = [ { source.principals = [ "cluster.local/ns/shop/sa/web" ]; } ]; } ];
  };
  strict = mkPeerAuthentication "strict" { namespace = "shop"; };
}"""


def picture(text: str = SHOP) -> Picture:
    """The picture of what an expression renders to."""
    rendering = render(find(evaluate(text)), Options())
    assert not rendering.failed
    return picture_of(rendering.manifests)


def arrows(found: Picture) -> set[tuple[str, str, str]]:
    """From, to, label."""
    return {
        (found.named(edge.source), found.named(edge.target), edge.label.replace("\n", ", ")) for edge in found.edges
    }


def test_destinations_of_requests() -> None:
    assert arrows(picture()) == {
        ("edge/public", "shop.example.com", ""),
        ("shop.example.com", "301 to /new", "1. /old*"),
        ("shop.example.com", "cart · v2", "2. /cart* x-beta=on"),
        ("shop.example.com", "cart · v1", "3. otherwise, 75%"),
        ("shop.example.com", "cart · v2", "3. otherwise, 25%"),
        ("shop.example.com", "shadow", "mirror 50%"),
        ("ALLOW allowed", "cart", ""),
    }


def test_labels_of_nodes() -> None:
    found = picture()
    lines = {node.lines for node in found.nodes.values()}
    assert ("cart", "RANDOM") in lines and ("v1", "version=v1") in lines
    assert ("bank.example.com", "TLS 443", "resolution DNS") in lines
    assert ("ALLOW allowed", "from shop/web") in lines
    assert found.title("shop") == "shop · mTLS STRICT"


def test_a_policy_without_rules_allows_nobody() -> None:
    (node,) = picture('mkAuthorizationPolicy "a" { }').nodes.values()
    assert node.lines == ("ALLOW a", "nobody", "all of default")


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        pytest.param("DestinationRule", '"x"', id="string"),
        pytest.param("DestinationRule", "{ }", id="no-host"),
        pytest.param("VirtualService", "{ hosts = [ 1 ]; }", id="host"),
        pytest.param("ServiceEntry", '{ hosts = [ "a.b" ]; ports = [ true ]; }', id="port"),
        pytest.param("AuthorizationPolicy", '"x"', id="policy"),
        pytest.param("PeerAuthentication", "1.5", id="mtls"),
    ],
)
def test_manifests_with_errors_are_omitted(kind: str, spec: str) -> None:
    group = "security" if kind in ("AuthorizationPolicy", "PeerAuthentication") else "networking"
    manifest = f'{{ apiVersion = "{group}.istio.io/v1"; kind = "{kind}"; metadata.name = "m"; spec = {spec}; }}'
    rendering = render(find(evaluate(f'[ {manifest} (mkDestinationRule "cart" {{ host = "cart"; }}) ]')), Options())
    assert rendering.failed
    assert "cart" in mermaid.write(picture_of(rendering.made))


def test_the_text_is_deterministic() -> None:
    manifests = render(find(evaluate(SHOP)), Options()).manifests
    assert {mermaid.write(picture_of(manifests)) for _ in range(3)} == {mermaid.write(picture())}
    assert dot.write(picture_of(manifests)) == dot.write(picture())


def test_mermaid() -> None:
    text = mermaid.write(picture('mkVirtualService "a" { }'))
    assert text.startswith("flowchart LR\n")
    frame = '  subgraph g1["<b>default</b>"]\n    n1(["<b>a</b>"]):::route\n    n2["<b>a</b>"]:::service\n  end\n'
    assert f"{frame}  n1 --> n2\n" in text


def test_mesh_wide_resources() -> None:
    found = picture(
        '[ (mkIstioMesh "m" { mtlsMode = "STRICT"; }) (mkAuthorizationPolicy "a" { namespace = "istio-system"; }) ]'
    )
    assert {node.lines for node in found.nodes.values()} == {
        ("mTLS STRICT", "the whole mesh"),
        ("ALLOW a", "nobody", "the whole mesh"),
    }


def test_subsets_are_parts_of_their_service() -> None:
    found = picture()
    text, drawn = mermaid.write(found), dot.write(found)
    names = found.names()
    cart, v2 = names["service shop/cart"], names["service shop/cart v2"]
    assert (
        f'    subgraph {cart}["<b>cart</b>"]\n' in text and f'      {v2}["<b>v2</b><br/>version=v2"]:::part\n' in text
    )
    assert f'<td port="{v2}"><b>v2</b>' in drawn and f" -> {cart}:{v2}" in drawn


@pytest.mark.parametrize(
    ("text", "in_mermaid", "in_dot"),
    [
        ('a"b', "a#34;b", "a&quot;b"),
        ("<b>", "#60;b#62;", "&lt;b&gt;"),
        ("a];b", "a#93;#59;b", "a];b"),
        ("a\\", "a#92;", "a\\"),
        ("a|b", "a#124;b", "a|b"),
        ("a\x01", "a#1;", "a\ufffd"),
    ],
)
def test_labels_cannot_leave_their_quotes(text: str, in_mermaid: str, in_dot: str) -> None:
    found = Picture()
    found.add("k", "service", "g", text)
    assert f'    n1["<b>{in_mermaid}</b>"]:::service\n' in mermaid.write(found)
    assert f'    n1 [id="n1" label=<<b>{in_dot}</b>> shape=' in dot.write(found)


@needs_graphviz
def test_svg_and_html_are_drawn() -> None:
    root = ElementTree.fromstring(svg.write(picture()))
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"shop.example.com", "v2", "75%", "outside the mesh"} <= {(text or "").strip() for text in texts}
    page = graph_page.write(picture())
    assert page.startswith("<!DOCTYPE html>") and "<svg" in page and "<td>mirror 50%</td>" in page


def test_without_graphviz_the_error_explains_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EvalError) as raised:
        svg.write(picture())
    assert "Graphviz" in raised.value.message and "apt-get install graphviz" in (raised.value.hint or "")


@needs_graphviz
def test_the_page_loads_nothing_and_runs_only_its_own_script() -> None:
    page = graph_page.write(picture())
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy == policy_of(STYLE, SCRIPT) and policy.startswith("default-src 'none'")
    assert f"<style>{STYLE}</style>" in page and f"<script>{SCRIPT}</script>" in page
    assert not re.findall(r'style="|\bon[a-z]+="|(?:src|href)="[^#"]', page)


@needs_graphviz
def test_the_page_links_to_every_node_and_arrow() -> None:
    found = picture()
    page = graph_page.write(found)
    drawn = set(re.findall(r'<g id="(\w+)" class="(?:node|edge)">', page))
    jumps = re.findall(r'<a href="#(\w+)">', page)
    rows = re.findall(r'<tr data-edge="(\w+)" data-from="(\w+)" data-to="(\w+)">', page)
    assert len(jumps) == len([node for node in found.nodes.values() if not node.whole]) and set(jumps) <= drawn
    assert len(rows) == len(found.edges) and {name for row in rows for name in row} <= drawn


@needs_graphviz
def test_the_page_is_titled_by_its_file_and_escapes_it() -> None:
    found = picture_of([], "<b>.nix · prod")
    assert graph_page.write(found).count("&lt;b&gt;.nix · prod") == 2


def test_every_color_has_a_dark_variant() -> None:
    assert COLOURS.keys() == DARK_COLOURS.keys()
    for colour in re.findall(r'(?<=[" =])(?:#[0-9a-f]{6}|white)(?=["\s\]])', dot.write(picture())):
        assert f'svg [fill="{colour}"]' in STYLE and f'svg [stroke="{colour}"]' in STYLE


@pytest.mark.parametrize(
    ("principal", "shown"),
    [
        ("cluster.local/ns/shop/sa/web", "from shop/web"),
        ("prod.example/ns/pay/sa/api", "from pay/api"),
        ("*/ns/shop/sa/*", "from shop/*"),
        ("*", "from *"),
        ("spiffe://other", "from spiffe://other"),
    ],
    ids=["of-the-cluster", "other-domain", "pattern", "everyone", "other-identity"],
)
def test_principals_have_their_namespace(principal: str, shown: str) -> None:
    spec = {"rules": [{"from": [{"source": {"principals": [principal]}}]}]}
    assert policy_lines(spec) == [shown]


def test_the_heading_names_the_files_or_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert heading_of(["envs/prod.nix", tmp_path / "mesh.nix"]) == "prod.nix, mesh.nix"
    assert heading_of(()) == tmp_path.name


def test_data_nested_deeper_than_python_walks_holds_nothing_to_draw() -> None:
    value: object = {"apiVersion": "v1", "kind": "ConfigMap"}
    for _ in range(100_000):
        value = {"a": [value]}
    found = find(value)
    assert found.resources == [] and "nested deeper" in found.others[0][1]
