"""Checks every #include of the tree against the edges that cmake/menshen.cmake allows.

    python3 layering.py ROOT        exit 1 and one line per forbidden include

The table MENSHEN_EDGES_* is read from the build itself, so that there is one source. The command
line (proxy/main.cpp, proxy/cli) may use every library; tests, benchmarks and the demo core stand
outside.
"""
import pathlib
import re
import sys

# The longest prefix decides which library a file belongs to. None: not part of any library.
FOLDERS = {
    "core/": "core",
    "store/": "store",
    "detectors/": "detectors",
    "policies/": "policies",
    "audit/": "audit",
    "proxy/http/": "http",
    "proxy/net/": "net",
    "proxy/protocol/": "protocol",
    "proxy/config/": "config",
    "proxy/identity/": "identity",
    "proxy/pipeline/": "pipeline",
    "proxy/transport/": "transport",
    "proxy/admin/": "admin",
    "proxy/gateway/": "gateway",
    "proxy/cli/": "main",
    "proxy/main.cpp": "main",
    "deploy/demo-core/": "demo-core",
}
OUTSIDE = ("tests/", "bench/", "build/", "docs/", "console/")

# Other people's headers that belong to some libraries alone.
RESERVED = {
    "boost/beast": {"http", "net", "demo-core"},
    "boost/asio": {"http", "net", "identity", "transport", "pipeline", "admin", "gateway",
                   "demo-core"},
    "sqlite3.h": {"store"},
    "yaml-cpp/": {"core"},
    # ICU: the rows of characters are made from it, and zones of time read.
    "unicode/": {"core", "policies"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
EDGES = re.compile(r'^\s*set\(MENSHEN_EDGES_(\w+)\s+([^)]*)\)', re.MULTILINE)


def read_edges(cmake_text):
    """The table: library -> the libraries that it may include."""
    return {name: set(edges.replace('"', "").split()) for name, edges in EDGES.findall(cmake_text)}


def library_of(path):
    matching = [prefix for prefix in FOLDERS if path.startswith(prefix)]
    return FOLDERS[max(matching, key=len)] if matching else None


def check_file(path, text, edges):
    """Forbidden includes of one file, as sentences."""
    library = library_of(path)
    if library is None:
        return [f"{path}: belongs to no library; add its folder to tests/layering"]
    allowed = edges.get(library, set()) | {library}
    everything = library == "main"
    problems = []
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start(1)) + 1
        quoted, included = match.group(1) == '"', match.group(2)
        for prefix, users in RESERVED.items():
            if included.startswith(prefix) and library not in users:
                names = ", ".join(sorted(users))
                problems.append(f"{path}:{line}: <{included}> is for {names} alone")
        if not quoted:
            continue
        target = library_of(included)
        if target is None:
            problems.append(f'{path}:{line}: "{included}" is no path from the root of the tree')
        elif target not in allowed and not everything:
            problems.append(f"{path}:{line}: {library} may not include {target} ({included})")
    return problems


def sources(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix in (".h", ".cpp", ".hpp") and not name.startswith(OUTSIDE):
            yield name, path


def check_tree(root):
    edges = read_edges((root / "cmake" / "menshen.cmake").read_text(encoding="utf-8"))
    if "pipeline" not in edges:
        return ["cmake/menshen.cmake: the table MENSHEN_EDGES_* was not found"]
    problems = []
    for name, path in sources(root):
        problems += check_file(name, path.read_text(encoding="utf-8"), edges)
    return problems


def main():
    problems = check_tree(pathlib.Path(sys.argv[1]))
    print("\n".join(problems) if problems else "Every include follows the layering.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
