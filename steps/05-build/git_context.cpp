// Repositories as contexts, and for ADD.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>

#include "05-build/context.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/spawn.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_answer = 1 << 20;

// What it prints, kept in memory: no pipe, so nobody waits for anybody.
UniqueFd output_file() {
    return UniqueFd(check(::memfd_create("git", MFD_CLOEXEC), "memfd_create"));
}

std::string content_of(const UniqueFd& file) {
    check(::lseek(file.get(), 0, SEEK_SET), "rewind");
    return read_all(file.get(), longest_answer);
}

// The user's own settings count (proxies, keys, credentials), but nothing may
// ask questions, and no URL may name a program.
std::vector<std::string> git_environment() {
    std::vector<std::string> names;
    for (char** at = environ; *at; ++at) {
        std::string_view name = *at;
        bool steers = name.starts_with("GIT_DIR=") ||
                      name.starts_with("GIT_WORK_TREE=") ||
                      name.starts_with("GIT_INDEX_FILE=") ||
                      name.starts_with("GIT_ALLOW_PROTOCOL=");
        if (!steers) names.emplace_back(name);
    }
    names.emplace_back("GIT_TERMINAL_PROMPT=0");
    names.emplace_back("GIT_ALLOW_PROTOCOL=file:git:http:https:ssh");
    return names;
}

ChildProcess start_git(std::vector<std::string> words, int output, int errors) {
    try {
        return spawn({.arguments = std::move(words),
                      .environment = git_environment(),
                      .files = {{-1, STDIN_FILENO},
                                {output, STDOUT_FILENO},
                                {errors, STDERR_FILENO}}});
    } catch (const Error& error) {
        if (error.system_errno() != ENOENT) throw;
        throw Error(ErrorKind::NotFound, "git is not on the PATH")
            .advise("install git, or clone the repository yourself");
    }
}

struct GitResult {
    bool worked;
    std::string output, errors;
};

GitResult try_git(const std::string& folder, std::vector<std::string> words) {
    std::vector<std::string> all{"git",
                                 "-C",
                                 folder,
                                 "-c",
                                 "core.hooksPath=/dev/null",
                                 "-c",
                                 "advice.detachedHead=false"};
    all.insert(all.end(), words.begin(), words.end());
    UniqueFd output = output_file(), errors = output_file();
    ChildProcess child = start_git(std::move(all), output.get(), errors.get());
    ExitStatus status = child.wait();
    return {status.ok(), content_of(output), content_of(errors)};
}

// Its last line, which says why.
std::string last_line(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text.substr(text.rfind('\n') + 1).substr(0, 500);
}

std::string git(const std::string& folder, std::vector<std::string> words) {
    std::string verb = words[0];
    GitResult result = try_git(folder, std::move(words));
    if (!result.worked)
        throw Error(ErrorKind::Unavailable,
                    cat("git ", verb, ": ", quote(last_line(result.errors))));
    return result.output;
}

// What begins with a dash would be an option to git.
void check_word(const std::string& word, const char* what) {
    if (word.starts_with('-'))
        throw Error(ErrorKind::InvalidArgument,
                    cat(what, " ", quote(word), " begins with a dash"));
}

// Only the one commit, where the server gives it by itself. A commit's number
// it may want to be asked for with all the history.
void fetch(const std::string& folder, const GitUrl& url) {
    std::string ref = url.ref.empty() ? "HEAD" : url.ref;
    GitResult shallow = try_git(
        folder,
        {"fetch", "-q", "--depth=1", "--no-tags", "--", url.repository, ref});
    if (shallow.worked) {
        git(folder, {"checkout", "-q", "--detach", "FETCH_HEAD"});
        return;
    }
    bool is_number =
        ref.size() >= 7 && ref.size() <= 40 &&
        ref.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_number)
        throw Error(ErrorKind::Unavailable,
                    cat("git fetch: ", quote(last_line(shallow.errors))));
    git(folder, {"fetch", "-q", "--tags", "--", url.repository,
                 "+refs/heads/*:refs/remotes/origin/*"});
    git(folder, {"checkout", "-q", "--detach", ref});
}

bool is_host_path(std::string_view text) {
    std::size_t at = text.find('@'), colon = text.find(':');
    return at != std::string_view::npos && colon != std::string_view::npos &&
           at > 0 && at < colon && text.find('/') > colon &&
           colon + 1 < text.size();
}

}  // namespace

std::optional<GitUrl> parse_git_url(std::string_view text) {
    GitUrl url;
    std::size_t hash = text.find('#');
    url.repository = text.substr(0, hash);
    if (hash != std::string_view::npos) {
        std::string_view fragment = text.substr(hash + 1);
        std::size_t colon = fragment.find(':');
        url.ref = fragment.substr(0, colon);
        if (colon != std::string_view::npos)
            url.subdir = fragment.substr(colon + 1);
    }
    const std::string& repository = url.repository;
    bool is_web =
        repository.starts_with("http://") || repository.starts_with("https://");
    if (repository.starts_with("github.com/")) {
        url.repository = "https://" + repository;
        return url;
    }
    if ((is_web && repository.ends_with(".git")) ||
        repository.starts_with("git://") || repository.starts_with("ssh://") ||
        repository.starts_with("file://") ||
        (!is_web && is_host_path(repository)))
        return url;
    return std::nullopt;
}

bool is_download_url(std::string_view text) {
    return (text.starts_with("http://") || text.starts_with("https://")) &&
           !parse_git_url(text);
}

GitCheckout clone_git(const GitUrl& url, const std::string& folder,
                      bool keep_git_dir) {
    check_word(url.repository, "repository");
    check_word(url.ref, "reference");
    return with_context(cat("clone ", quote(url.repository)), [&] {
        git(folder, {"init", "-q"});
        fetch(folder, url);
        if (::faccessat(AT_FDCWD, cat(folder, "/.gitmodules").c_str(), F_OK,
                        AT_SYMLINK_NOFOLLOW) == 0)
            git(folder, {"submodule", "-q", "update", "--init", "--recursive",
                         "--depth=1"});
        std::string commit = last_line(git(folder, {"rev-parse", "HEAD"}));
        if (!keep_git_dir) remove_tree(cat(folder, "/.git"));
        SourceTree tree = open_source_tree(folder);
        tree.name = "the repository";
        if (url.subdir.empty()) return GitCheckout{std::move(tree), commit};
        // A symlink of the repository leads nowhere else.
        tree.root = with_context("subfolder", [&] {
            return open_in_root(tree.root.get(), url.subdir,
                                O_RDONLY | O_DIRECTORY);
        });
        return GitCheckout{std::move(tree), commit};
    });
}

}  // namespace slipway
