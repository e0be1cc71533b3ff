#include "05-build/copy_sources.hpp"

#include <algorithm>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// "/x/../y/" → "y". Nothing leads out of the tree.
std::string inside(const std::string& word) {
    return clean_path(cat("/", word)).substr(1);
}

// "x/./y/*.c" with --parents: what stands in front of the pivot is not kept.
std::size_t parts_before_pivot(const std::string& word) {
    std::size_t pivot = word.find("/./");
    if (pivot == std::string::npos) return 0;
    std::string before = inside(word.substr(0, pivot));
    if (before.find("**") != std::string::npos)
        throw Error(ErrorKind::InvalidArgument,
                    cat(quote(word), ": ** in front of /./"))
            .advise("write the folders out: how many are kept is counted");
    if (before.empty()) return 0;
    return static_cast<std::size_t>(
               std::count(before.begin(), before.end(), '/')) +
           1;
}

std::string without_parts(const std::string& path, std::size_t count) {
    std::size_t at = 0;
    for (; count > 0; --count) {
        at = path.find('/', at);
        if (at == std::string::npos) return "";
        ++at;
    }
    return path.substr(at);
}

// All that there is in the folder in which it should be, and can be seen.
std::vector<std::string> names_beside(const SourceTree& tree,
                                      const std::string& path) {
    std::size_t slash = path.rfind('/');
    std::string folder =
        slash == std::string::npos ? "" : path.substr(0, slash);
    try {
        return match_sources(tree, folder.empty() ? "*" : cat(folder, "/*"));
    } catch (const Error&) {
        return {};
    }
}

[[noreturn]] void throw_missing(const SourceTree& tree,
                                const std::string& path) {
    Error error(ErrorKind::NotFound,
                cat(quote("/" + path), " is not in ", tree.name));
    std::string meant = nearest(path, names_beside(tree, path));
    if (!meant.empty())
        error.set_advice(cat("did you mean ", quote(meant), "?"));
    throw error;
}

[[noreturn]] void throw_ignored(const SourceTree& tree, const std::string& path,
                                const std::string& real) {
    const IgnoreRule* rule = tree.ignore.rule_for(real);
    if (!rule) rule = tree.ignore.rule_for(path);
    throw Error(ErrorKind::NotFound, cat(quote("/" + path), " is left out of ",
                                         tree.name, " by .dockerignore"))
        .advise(rule ? cat("the line ", quote(rule->text),
                           " does it; take it out, or add ", quote("!" + real),
                           " behind it")
                     : "look at .dockerignore");
}

CopySource found_source(const SourceTree& tree, const std::string& path) {
    CopySource source{path, find_source(tree, path)};
    if (!source.found.exists) throw_missing(tree, path);
    const Resolved& found = source.found;
    if (!is_visible(tree, found.path, found.info) ||
        !is_visible(tree, path, found.info))
        throw_ignored(tree, path, found.path);
    return source;
}

}  // namespace

std::vector<CopySource> find_sources(const SourceTree& tree,
                                     const std::string& word, bool parents) {
    std::vector<CopySource> sources;
    std::string path = inside(word);
    if (has_wildcard(path)) {
        for (const std::string& hit : match_sources(tree, path, parents))
            sources.push_back(found_source(tree, hit));
        if (sources.empty())
            throw Error(ErrorKind::NotFound,
                        cat("nothing in ", tree.name, " matches ", quote(path)))
                .advise(
                    "* does not go into folders; .dockerignore may leave "
                    "files out");
    } else {
        sources.push_back(found_source(tree, unescaped(path)));
    }
    if (!parents) return sources;
    std::size_t dropped = parts_before_pivot(word);
    for (CopySource& source : sources)
        source.kept = without_parts(source.name, dropped);
    return sources;
}

}  // namespace slipway
