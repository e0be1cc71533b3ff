// The build context: a folder, a tar, a repository, or nothing but a
// Dockerfile.
//
//   build .                     the folder; -f may lie outside of it
//   build - < context.tar.gz    a tar, packed or not: its content says how
//   build - < Dockerfile        no context
//   build -f - .                the Dockerfile from stdin, the folder as usual
//   build https://….git#ref:dir a repository: branch, tag or commit; a folder
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "04-images/byte_stream.hpp"
#include "05-build/source_tree.hpp"

namespace slipway {

struct ContextRequest {
    std::string context;          ///< what the command line names
    std::string dockerfile = {};  ///< -f; empty: Dockerfile, in the context
    /// An empty folder for a tar or a clone; the caller removes it when the
    /// build is over.
    std::string scratch = {};
    ByteSource input = {};                               ///< stdin
    std::uint64_t most_bytes = std::uint64_t{64} << 30;  ///< of a tar's files
    bool keep_git_dir = false;
};

struct BuildContext {
    SourceTree tree;
    std::string dockerfile_name;   ///< for messages: "sub/Dockerfile", "-"
    std::string dockerfile;        ///< its text
    std::string ignore_name = {};  ///< which file has the rules; empty: none
    std::string folder = {};       ///< of the host, if it is one of the user's
    std::string commit = {};       ///< of a repository
};

/// Throws NotFound when there is no such folder or Dockerfile.
BuildContext open_context(ContextRequest request);

/// url#ref:subdir
struct GitUrl {
    std::string repository;
    std::string ref = {};  ///< empty: the remote's HEAD
    std::string subdir = {};
};
/// Empty when it is no repository: git://, git@host:…, ssh://, file://,
/// http(s)://….git, github.com/…
std::optional<GitUrl> parse_git_url(std::string_view text);
/// http:// or https://, and no repository: for the caller to download.
bool is_download_url(std::string_view text);

struct GitCheckout {
    SourceTree tree;
    std::string commit;  ///< 40 digits
};
/// Who named a repository decides what git may use to reach it.
struct GitAccess {
    /// The command line: file:// is a URL, and the user's own settings and keys
    /// count. Otherwise a Dockerfile, which may be a stranger's: it gets what
    /// anybody could get from here.
    bool by_user = false;
    /// For a Dockerfile's ssh://: the socket of the agent that the user gave
    /// with --ssh. Empty: no ssh.
    std::string agent = {};
};
/// Clones by the git program, into an empty folder. Submodules never come from
/// a folder of this machine (CVE-2022-39253). Throws Forbidden for what the
/// access leaves out, NotFound when there is no git, Unavailable when it fails,
/// with its last words.
GitCheckout clone_git(const GitUrl& url, const std::string& folder,
                      const GitAccess& access, bool keep_git_dir = false);

}  // namespace slipway
