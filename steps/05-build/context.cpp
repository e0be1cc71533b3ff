#include "05-build/context.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "04-images/peek.hpp"
#include "04-images/unpack_layer.hpp"
#include "05-build/unpack_stream.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_dockerfile = 16 << 20;
constexpr std::size_t longest_ignore = 16 << 20;

std::string read_whole(const ByteSource& source) {
    std::string text, buffer(64 << 10, '\0');
    while (std::size_t got = source(buffer.data(), buffer.size())) {
        text.append(buffer.data(), got);
        if (text.size() > longest_dockerfile)
            throw Error(ErrorKind::InvalidArgument,
                        "the Dockerfile on stdin is larger than 16 MiB");
    }
    return text;
}

// A regular file of a tree, whatever the symlinks in it say. Empty: it is not
// there.
std::optional<std::string> read_in(int root, const std::string& path,
                                   std::size_t limit) {
    Resolved found = resolve_in(root, path);
    if (!found.exists) return std::nullopt;
    UniqueFd file = open_source_file(root, found.path);
    if (!file)
        throw Error(ErrorKind::InvalidArgument,
                    cat(quote(path), " is not a file"));
    return with_context(path, [&] { return read_all(file.get(), limit); });
}

// The same on the host, where the user has named it.
std::optional<std::string> read_host(const std::string& path,
                                     std::size_t limit) {
    UniqueFd file(
        ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file && errno == ENOENT) return std::nullopt;
    check(file.get(), "open ", quote(path));
    return with_context(path, [&] { return read_all(file.get(), limit); });
}

[[noreturn]] void throw_no_dockerfile(const std::string& name,
                                      const std::string& where) {
    throw Error(ErrorKind::NotFound,
                cat("there is no ", quote(name), " in ", where))
        .advise("name it with -f, or go to the folder that has it");
}

// One context being opened.
class Opening {
  public:
    explicit Opening(ContextRequest request) : request_(std::move(request)) {}
    BuildContext run();

  private:
    void open_folder();
    void open_stream();
    void open_repository(const GitUrl& url);
    void read_named_dockerfile();
    void read_dockerfile_in_tree();
    void read_dockerfile_from_input();
    bool read_ignore_of_host(const std::string& path);
    void read_ignore(const std::string& name);
    bool from_input() const { return request_.dockerfile == "-"; }

    ContextRequest request_;
    BuildContext context_;
};

void Opening::read_dockerfile_from_input() {
    context_.dockerfile_name = "-";
    context_.dockerfile = read_whole(request_.input);
}

// Rules that stand beside the Dockerfile come first, wherever that is.
void Opening::read_ignore(const std::string& name) {
    auto text = read_in(context_.tree.root.get(), name, longest_ignore);
    if (!text) return;
    context_.ignore_name = name;
    context_.tree.ignore =
        with_context(name, [&] { return parse_ignore(*text); });
}

bool Opening::read_ignore_of_host(const std::string& path) {
    auto text = read_host(path, longest_ignore);
    if (!text) return false;
    context_.ignore_name = path;
    context_.tree.ignore =
        with_context(path, [&] { return parse_ignore(*text); });
    return true;
}

// -f counts from where the user stands, and may lie outside of the context.
void Opening::read_named_dockerfile() {
    const std::string& path = request_.dockerfile;
    auto text = read_host(path, longest_dockerfile);
    if (!text) throw_no_dockerfile(path, "this folder");
    context_.dockerfile = std::move(*text);
    context_.dockerfile_name = path;
    if (!read_ignore_of_host(cat(path, ".dockerignore")))
        read_ignore(".dockerignore");
}

// As a file of the context: a symlink in somebody's repository must not make us
// read, and show, a file of the host. "dockerfile" is for those who wrote it
// so.
void Opening::read_dockerfile_in_tree() {
    std::string name =
        request_.dockerfile.empty() ? "Dockerfile" : request_.dockerfile;
    int root = context_.tree.root.get();
    auto text = read_in(root, name, longest_dockerfile);
    if (!text && request_.dockerfile.empty()) {
        name = "dockerfile";
        text = read_in(root, name, longest_dockerfile);
    }
    if (!text)
        throw_no_dockerfile(
            request_.dockerfile.empty() ? "Dockerfile" : request_.dockerfile,
            context_.tree.name);
    context_.dockerfile = std::move(*text);
    context_.dockerfile_name = name;
    read_ignore(cat(name, ".dockerignore"));
    if (context_.ignore_name.empty()) read_ignore(".dockerignore");
}

void Opening::open_folder() {
    context_.tree = open_source_tree(request_.context);
    context_.folder = request_.context;
    if (request_.dockerfile.empty()) return read_dockerfile_in_tree();
    if (!from_input()) return read_named_dockerfile();
    read_dockerfile_from_input();
    read_ignore(".dockerignore");
}

// A tar, or else a Dockerfile and nothing to copy from.
void Opening::open_stream() {
    if (from_input())
        throw Error(ErrorKind::InvalidArgument,
                    "stdin cannot be both the context and the Dockerfile")
            .advise("name one of them by its path");
    Peeked begin = peek(unpacked(request_.input), 512);
    context_.tree = open_source_tree(request_.scratch);
    if (!looks_like_tar(begin.first)) {
        request_.input = begin.source;
        return read_dockerfile_from_input();
    }
    context_.tree.name = "the context's tar";
    with_context("context", [&] {
        unpack_layer(begin.source, request_.scratch,
                     {.user_xattr = true,
                      .most_bytes = request_.most_bytes,
                      .most_entries = 5'000'000});
    });
    read_dockerfile_in_tree();
}

void Opening::open_repository(const GitUrl& url) {
    GitCheckout checkout = clone_git(url, request_.scratch, {.by_user = true},
                                     request_.keep_git_dir);
    context_.tree = std::move(checkout.tree);
    context_.commit = std::move(checkout.commit);
    if (!from_input()) return read_dockerfile_in_tree();
    read_dockerfile_from_input();
    read_ignore(".dockerignore");
}

BuildContext Opening::run() {
    if (request_.context == "-")
        open_stream();
    else if (auto url = parse_git_url(request_.context))
        open_repository(*url);
    else
        open_folder();
    return std::move(context_);
}

}  // namespace

BuildContext open_context(ContextRequest request) {
    return Opening(std::move(request)).run();
}

}  // namespace slipway
