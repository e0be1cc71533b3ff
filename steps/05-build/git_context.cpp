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

bool is_by_ssh(const GitUrl& url) {
    return url.repository.starts_with("ssh://") ||
           url.repository.find("://") == std::string::npos;
}

bool is_on_this_machine(const GitUrl& url) {
    return url.repository.starts_with("file://");
}

// Variables that would lead git elsewhere; for a stranger's URL also those that
// lend it the user's keys, passwords and settings.
bool is_withheld(std::string_view variable, const GitAccess& access) {
    std::string_view name = variable.substr(0, variable.find('='));
    if (access.by_user)
        return name == "GIT_DIR" || name == "GIT_WORK_TREE" ||
               name == "GIT_INDEX_FILE" || name == "GIT_ALLOW_PROTOCOL";
    if (name.starts_with("GIT_SSL_CA")) return false;
    return name.starts_with("GIT_") || name.starts_with("SSH_") ||
           name == "HOME" || name == "XDG_CONFIG_HOME";
}

// Nothing may ask questions, and no URL may name a program.
std::vector<std::string> git_environment(const GitAccess& access) {
    std::vector<std::string> all = own_environment();
    std::erase_if(all, [&](const std::string& variable) {
        return is_withheld(variable, access);
    });
    all.emplace_back("GIT_TERMINAL_PROMPT=0");
    bool has_ssh = access.by_user || !access.agent.empty();
    all.push_back(
        cat("GIT_ALLOW_PROTOCOL=git:http:https", has_ssh ? ":ssh" : ""));
    if (access.by_user) return all;
    all.emplace_back("GIT_CONFIG_GLOBAL=/dev/null");
    all.emplace_back("HOME=/nonexistent");
    all.emplace_back(
        "GIT_SSH_COMMAND=ssh -F none -o IdentityFile=none -o BatchMode=yes");
    if (has_ssh) all.push_back("SSH_AUTH_SOCK=" + access.agent);
    return all;
}

/// A folder that git works in, and what it may use.
struct GitFolder {
    std::string path;
    std::vector<std::string> environment;
};

ChildProcess start_git(const GitFolder& folder, std::vector<std::string> words,
                       int output, int errors) {
    try {
        return spawn({.arguments = std::move(words),
                      .environment = folder.environment,
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

GitResult try_git(const GitFolder& folder, std::vector<std::string> words) {
    std::vector<std::string> all{"git",
                                 "-C",
                                 folder.path,
                                 "-c",
                                 "core.hooksPath=/dev/null",
                                 "-c",
                                 "advice.detachedHead=false"};
    all.insert(all.end(), words.begin(), words.end());
    UniqueFd output = output_file(), errors = output_file();
    ChildProcess child =
        start_git(folder, std::move(all), output.get(), errors.get());
    ExitStatus status = child.wait();
    return {status.ok(), content_of(output), content_of(errors)};
}

// Its last line, which says why.
std::string last_line(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text.substr(text.rfind('\n') + 1).substr(0, 500);
}

std::string git(const GitFolder& folder, std::vector<std::string> words) {
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

void check_access(const GitUrl& url, const GitAccess& access) {
    if (access.by_user) return;
    if (is_on_this_machine(url))
        throw Error(ErrorKind::Forbidden,
                    "a Dockerfile cannot take files of this machine")
            .advise(
                "give the folder: --build-context NAME=FOLDER, and COPY "
                "--from=NAME");
    if (is_by_ssh(url) && access.agent.empty())
        throw Error(ErrorKind::Forbidden,
                    "a Dockerfile cannot use your keys by itself")
            .advise("lend it those of your agent: --ssh default");
}

// Only the one commit, where the server gives it by itself. A commit's number
// it may want to be asked for with all the history.
void fetch(GitFolder folder, const GitUrl& url) {
    // The user named it. What it names itself, its submodules, is not fetched
    // here.
    if (is_on_this_machine(url))
        set_environment(folder.environment, "GIT_ALLOW_PROTOCOL=file");
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
                      const GitAccess& access, bool keep_git_dir) {
    check_word(url.repository, "repository");
    check_word(url.ref, "reference");
    return with_context(cat("clone ", quote(url.repository)), [&] {
        check_access(url, access);
        GitFolder work{folder, git_environment(access)};
        git(work, {"init", "-q"});
        fetch(work, url);
        if (::faccessat(AT_FDCWD, cat(folder, "/.gitmodules").c_str(), F_OK,
                        AT_SYMLINK_NOFOLLOW) == 0)
            git(work, {"submodule", "-q", "update", "--init", "--recursive",
                       "--depth=1"});
        std::string commit = last_line(git(work, {"rev-parse", "HEAD"}));
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
