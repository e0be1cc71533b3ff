#include "04-images/registry_push.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "04-images/registry.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"

namespace slipway {

namespace {

// An upload that the registry has begun.
struct Session {
    Url location;
    std::uint64_t offset = 0;    // so many bytes are there
    std::uint64_t smallest = 0;  // a piece must not be smaller, but the last
};

struct Upload {
    Repository& repository;
    const Digest& digest;
    const HttpBody& source;
    const BlobPush& how;
    Scopes scopes;

    std::string what() const {
        return cat("push blob ", digest.text(), " to ", repository.name());
    }
};

Url location_of(const Upload& upload, const HttpResponse& answer) {
    auto location = answer.header("location");
    if (!location)
        throw Error(ErrorKind::InvalidArgument,
                    cat(upload.what(), ": the registry does not say where"));
    return with_context(upload.what(), [&] {
        Url url = resolve_url(answer.url, *location);
        if (answer.url.scheme == "https" && url.scheme == "http")
            throw Error(ErrorKind::Forbidden,
                        cat("the registry leads from https to http at ",
                            url.host_and_port()))
                .advise(
                    "a proxy before it may not tell it that it is "
                    "reached by https (X-Forwarded-Proto)");
        if (url.has_user)
            throw Error(ErrorKind::Forbidden,
                        "the registry brings a user name along");
        return url;
    });
}

// "0-99": 100 bytes are there. Some servers write "0-0" for none.
std::optional<std::uint64_t> received(const HttpHead& answer) {
    std::string range = answer.header("range").value_or("");
    if (!range.starts_with("0-")) return {};
    auto last = parse_unsigned(range.substr(2),
                               std::numeric_limits<std::uint64_t>::max() - 1);
    if (!last) return {};
    return *last == 0 ? 0 : *last + 1;
}

// Begins an upload; empty when the blob was taken from the other repository.
std::optional<Session> begin(const Upload& upload, bool mount) {
    const Endpoint& origin = upload.repository.origin();
    HttpRequest request;
    request.method = "POST";
    request.url = parse_url(origin.base.text + "/blobs/uploads/");
    if (mount)
        request.url = parse_url(with_query(
            with_query(request.url.text, "mount", upload.digest.text()), "from",
            upload.how.mount_from));
    request.body = HttpBody::of("");
    HttpResponse answer = upload.repository.send_patiently(
        origin, std::move(request), upload.scopes);
    if (mount && answer.status == 201) return {};
    expect_status(answer, {202}, upload.what());
    Session session{location_of(upload, answer)};
    session.smallest =
        parse_unsigned(answer.header("oci-chunk-min-length").value_or(""),
                       upload.source.size)
            .value_or(0);
    return session;
}

HttpRequest piece_request(const Upload& upload, std::uint64_t offset,
                          std::uint64_t size) {
    HttpRequest request;
    request.headers = {{"Content-Type", "application/octet-stream"}};
    auto read = upload.source.read;
    request.body = HttpBody{size, [read, offset](std::uint64_t at, char* buffer,
                                                 std::size_t capacity) {
                                return read(offset + at, buffer, capacity);
                            }};
    if (upload.how.progress)
        request.progress = [&upload, offset](std::uint64_t sent) {
            upload.how.progress(offset + sent);
        };
    return request;
}

bool may_go_better(const HttpResponse& answer) {
    return answer.broken || is_worth_retrying(answer.status);
}

// The bytes from the session's offset to the end, which completes the upload.
HttpResponse finish(const Upload& upload, const Session& session) {
    HttpRequest request = piece_request(upload, session.offset,
                                        upload.source.size - session.offset);
    request.method = "PUT";
    request.url = parse_url(
        with_query(session.location.text, "digest", upload.digest.text()));
    HttpResponse answer = upload.repository.send(
        upload.repository.origin(), std::move(request), upload.scopes);
    if (may_go_better(answer)) return answer;
    expect_status(answer, {201, 204}, upload.what());
    auto stored = content_digest(answer);
    if (stored && *stored != upload.digest)
        throw Error(
            ErrorKind::DataLoss,
            cat(upload.what(), ": the registry stored ", stored->text()));
    return answer;
}

HttpResponse send_piece(const Upload& upload, Session& session,
                        std::uint64_t size) {
    HttpRequest request = piece_request(upload, session.offset, size);
    request.method = "PATCH";
    request.url = session.location;
    std::uint64_t end = session.offset + size;
    request.headers.emplace_back("Content-Range",
                                 cat(session.offset, "-", end - 1));
    HttpResponse answer = upload.repository.send(
        upload.repository.origin(), std::move(request), upload.scopes);
    if (may_go_better(answer) || answer.status == 416) return answer;
    expect_status(answer, {201, 202, 204}, upload.what());
    session.location = location_of(upload, answer);
    session.offset = std::min(received(answer).value_or(end), end);
    return answer;
}

// After a failure: what has the registry of it? Else from the beginning.
Session look_again(const Upload& upload, const Session& session) {
    HttpRequest request;
    request.url = session.location;
    HttpResponse answer = upload.repository.send(
        upload.repository.origin(), std::move(request), upload.scopes);
    auto there = received(answer);
    if (answer.broken || answer.status != 204 || !there ||
        *there > upload.source.size)
        return *begin(upload, false);
    Session known = session;
    known.offset = *there;
    if (answer.header("location")) known.location = location_of(upload, answer);
    return known;
}

void send_all(const Upload& upload, Session session) {
    Attempts attempts(upload.repository.retry(upload.repository.origin()));
    std::uint64_t best = session.offset;
    const std::uint64_t chunk =
        std::max({upload.how.chunk, session.smallest, std::uint64_t{1}});
    while (true) {
        const std::uint64_t before = session.offset;
        std::uint64_t left = upload.source.size - before;
        // Small ones go at once; of large ones the last piece completes it.
        bool last = left <= chunk;
        HttpResponse answer =
            last ? finish(upload, session) : send_piece(upload, session, chunk);
        bool failed = may_go_better(answer) || answer.status == 416;
        if (last && !failed) return;
        if (!failed && session.offset > before) {
            // What is sent for the second time is no progress.
            if (session.offset > best) attempts.start_anew();
            best = std::max(best, session.offset);
            continue;
        }
        if (attempts.next(answer.retry_after)) {
            session = look_again(upload, session);
            continue;
        }
        if (!answer.broken) expect_status(answer, {}, upload.what());
        answer.broken->add_context(upload.what());
        throw Error(*answer.broken);
    }
}

}  // namespace

Pushed push_blob(Repository& repository, const Digest& digest,
                 const HttpBody& source, const BlobPush& how) {
    Upload upload{repository, digest, source, how, repository.push_scope()};
    if (remote_blob_size(repository, digest, upload.scopes))
        return Pushed::AlreadyThere;
    bool mount = !how.mount_from.empty();
    if (mount)
        upload.scopes.push_back(cat("repository:", how.mount_from, ":pull"));
    std::optional<Session> session = begin(upload, mount);
    if (!session) return Pushed::Mounted;
    send_all(upload, *session);
    return Pushed::Uploaded;
}

Digest put_manifest(Repository& repository, std::string_view reference,
                    const std::string& media_type, std::string_view bytes) {
    const Endpoint& origin = repository.origin();
    std::string what =
        cat("push manifest ", reference, " to ", repository.name());
    Digest digest = Digest::of(bytes);
    HttpRequest request;
    request.method = "PUT";
    request.url =
        parse_url(cat(origin.base.text, "/manifests/", url_encode(reference)));
    request.headers = {{"Content-Type", media_type}};
    request.body = HttpBody::of(bytes);
    HttpResponse answer = repository.send_patiently(origin, std::move(request),
                                                    repository.push_scope());
    expect_status(answer, {201, 204}, what);
    auto stored = content_digest(answer);
    if (stored && *stored != digest)
        throw Error(ErrorKind::DataLoss,
                    cat(what, ": the registry stored ", stored->text(),
                        ", not ", digest.text()))
            .advise("something on the way changed it");
    return digest;
}

}  // namespace slipway
