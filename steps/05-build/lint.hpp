// The usual rules about Dockerfiles, under the names that people search for.
//
// Rules about names and about the form of a file look at all of it. Rules about
// what a stage does look at the stages that the target needs, as Docker's do.
// Source: docs.docker.com/reference/build-checks/; moby/buildkit,
// frontend/dockerfile/linter.
#pragma once

#include <functional>
#include <map>
#include <set>
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
    /// UndefinedVar does not warn of those. "NAME" or "NAME=value". Of stages
    /// whose base is not known it is silent: what is set there nobody knows.
    std::map<std::size_t, std::vector<std::string>> base_env = {};
    std::set<std::string> contexts = {};  ///< names of --build-context
};

/// In the order of the file; those that a directive skips are left out. What
/// makes the build fail is not for these rules: the build says it.
std::vector<LintWarning> lint(const LintInput& input);

/// "Dockerfile:1:16: StageNameCasing: ..." and the picture below it.
std::string lint_text(const Source& source, const LintWarning& warning);

/// When the file says check=error=true and there are warnings: throws
/// InvalidArgument that names the rules.
void refuse_warnings(const Dockerfile& dockerfile,
                     const std::vector<LintWarning>& warnings);

struct LintRule {
    const char* name;
    const char* summary;
    bool is_experimental = false;  ///< off, unless check=experimental=NAME
};
/// All of them, for those who list them.
std::vector<LintRule> lint_rules();

}  // namespace slipway
