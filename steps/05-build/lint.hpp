// The usual rules about Dockerfiles, under the names that people search for.
// Source: docs.docker.com/reference/build-checks/.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "05-build/dockerfile.hpp"

namespace slipway {

struct LintWarning {
    std::string rule;     ///< "StageNameCasing"
    std::string message;  ///< one sentence that names what it is about
    SourceRange where;
};

struct LintInput {
    const Dockerfile& dockerfile;
    std::map<std::string, std::string> build_args = {};
    std::string target = {};  ///< empty: the last stage
    /// Whether .dockerignore excludes a path: CopyIgnoredFile.
    std::function<bool(const std::string& path)> is_ignored = {};
    /// Variables of base images, by stage number, where they are known:
    /// UndefinedVar does not warn of those.
    std::map<std::size_t, std::vector<std::string>> base_env = {};
};

/// In the order of the file; those that a directive skips are left out.
std::vector<LintWarning> lint(const LintInput& input);

}  // namespace slipway
