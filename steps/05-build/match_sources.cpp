// Patterns of COPY, against what there is.
#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "05-build/beneath.hpp"
#include "05-build/source_tree.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Paths = std::vector<std::string>;

std::vector<std::string> names_in(int root, const std::string& folder) {
    std::vector<std::string> names;
    UniqueFd fd = open_beneath(root, folder, O_RDONLY | O_DIRECTORY);
    if (!fd) throw_errno(errno, cat("open folder ", quote("/" + folder)));
    std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd.get()),
                                               ::closedir);
    if (!stream) throw_errno(errno, cat("read folder ", quote("/" + folder)));
    [[maybe_unused]] int now_owned_by_stream = fd.release();
    while (dirent* found = ::readdir(stream.get())) {
        std::string_view name = found->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    return names;
}

std::string joined(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : cat(folder, "/", name);
}

// Nothing that COPY could see is there otherwise.
bool can_be_seen(const SourceTree& tree, const std::string& path) {
    Resolved found = find_source(tree, path);
    if (!found.exists || !is_visible(tree, found.path, found.info))
        return false;
    return found.path == path || is_visible(tree, path, found.info);
}

// One part of the pattern: from the folders that the parts before it named.
Paths matched_in(const SourceTree& tree, const Paths& folders,
                 const std::string& part) {
    Paths found;
    if (!has_wildcard(part)) {
        for (const std::string& folder : folders)
            found.push_back(joined(folder, unescaped(part)));
        return found;
    }
    PathPattern pattern(part, PathPattern::Syntax::Match);
    for (const std::string& folder : folders) {
        Resolved at;
        try {
            at = find_source(tree, folder);
        } catch (const Error&) {
            continue;  // a file has nothing below it
        }
        if (!at.exists || !S_ISDIR(at.info.st_mode)) continue;
        for (const std::string& name : names_in(tree.root.get(), at.path))
            if (pattern.matches(name)) found.push_back(joined(folder, name));
    }
    return found;
}

// With "**": all that there is, against all of the pattern. Of a folder that
// fits, what is below it comes along and is not named once more.
Paths matched_deep(const SourceTree& tree, const std::string& clean) {
    PathPattern pattern(clean);
    Paths found;
    std::string fits;
    walk_source(tree, "", {}, [&](SourceEntry&& entry) {
        bool below = !fits.empty() && entry.path.starts_with(fits) &&
                     entry.path[fits.size()] == '/';
        if (below || !pattern.matches(entry.path)) return;
        if (S_ISDIR(entry.info.st_mode)) fits = entry.path;
        found.push_back(std::move(entry.path));
    });
    return found;
}

// Not through the folders' entries: "a*" does not find "../a".
bool is_there(const SourceTree& tree, const std::string& path) {
    try {
        return can_be_seen(tree, path);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::InvalidArgument) throw;
        return false;  // "file/name", or symlinks in a circle
    }
}

}  // namespace

std::vector<std::string> match_sources(const SourceTree& tree,
                                       const std::string& pattern, bool deep) {
    std::string clean = clean_path(cat("/", pattern)).substr(1);
    Paths found;
    if (deep && clean.find("**") != std::string::npos) {
        found = matched_deep(tree, clean);
    } else {
        found = {""};
        for (const std::string& part : split(clean, '/'))
            found = matched_in(tree, found, part);
        std::erase_if(found, [&](const std::string& path) {
            return !is_there(tree, path);
        });
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace slipway
