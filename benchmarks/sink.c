/* The server of the upload benchmark: takes bytes as fast as the machine can and drops them.
 *
 * One thread per connection. Plain bodies are dropped in the kernel (MSG_TRUNC), TLS ones are decrypted into one
 * buffer. POST answers with a session address, PUT with 200 at the last byte and 308 before it.
 *
 *   cc -O2 -pthread -o sink sink.c -lssl -lcrypto
 *   sink                 plain;  prints its port
 *   sink CERT KEY        TLS;    prints its port
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK (1 << 20)
#define HEAD 65536

static SSL_CTX *tls;

struct line {
    int fd;
    SSL *ssl;
    char *ahead; /* bytes of the body that came with the head */
    size_t ahead_size;
};

static ssize_t hear(struct line *line, char *to, size_t size) {
    if (line->ssl)
        return SSL_read(line->ssl, to, (int)size);
    return recv(line->fd, to, size, 0);
}

static int say(struct line *line, const char *text) {
    size_t size = strlen(text);
    if (line->ssl)
        return SSL_write(line->ssl, text, (int)size) == (int)size;
    return send(line->fd, text, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* Reads up to the blank line; 0 when the client is gone. */
static int read_head(struct line *line, char *head) {
    size_t have = line->ahead_size;
    memmove(head, line->ahead, have);
    for (;;) {
        head[have] = 0;
        char *end = strstr(head, "\r\n\r\n");
        if (end) {
            line->ahead = end + 4;
            line->ahead_size = have - (size_t)(end + 4 - head);
            end[2] = 0;
            return 1;
        }
        if (have >= HEAD - 1)
            return 0;
        ssize_t got = hear(line, head + have, HEAD - 1 - have);
        if (got <= 0)
            return 0;
        have += (size_t)got;
    }
}

static const char *header(const char *head, const char *name) {
    const char *at = strcasestr(head, name);
    return at ? at + strlen(name) : NULL;
}

static int drop(struct line *line, long long left, char *block) {
    long long early = (long long)line->ahead_size < left ? (long long)line->ahead_size : left;
    line->ahead += early;
    line->ahead_size -= (size_t)early;
    left -= early;
    while (left > 0) {
        size_t want = left < BLOCK ? (size_t)left : BLOCK;
        ssize_t got = line->ssl ? hear(line, block, want) : recv(line->fd, NULL, want, MSG_TRUNC);
        if (got <= 0)
            return 0;
        left -= got;
    }
    return 1;
}

static int answer(struct line *line, const char *head, long long length) {
    char text[1024];
    long long first = 0, last = length - 1, total = length;
    const char *range = header(head, "\r\nContent-Range: bytes ");
    if (range)
        sscanf(range, "%lld-%lld/%lld", &first, &last, &total);
    if (!strncmp(head, "POST", 4)) {
        char host[256] = "localhost";
        const char *named = header(head, "\r\nHost: ");
        if (named)
            sscanf(named, "%255[^\r]", host);
        snprintf(text, sizeof text,
                 "HTTP/1.1 200 OK\r\nLocation: %s://%s/session\r\nContent-Length: 0\r\n\r\n",
                 line->ssl ? "https" : "http", host);
    } else if (last + 1 < total) {
        snprintf(text, sizeof text,
                 "HTTP/1.1 308 Resume Incomplete\r\nRange: bytes=0-%lld\r\nContent-Length: 0\r\n\r\n", last);
    } else {
        snprintf(text, sizeof text,
                 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"id\":\"v\"}");
    }
    return say(line, text);
}

static void *serve(void *argument) {
    struct line line = {.fd = (int)(long)argument};
    char *head = malloc(HEAD), *block = malloc(BLOCK);
    int on = 1;
    setsockopt(line.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    line.ahead = head;
    if (tls) {
        line.ssl = SSL_new(tls);
        SSL_set_fd(line.ssl, line.fd);
    }
    if (!line.ssl || SSL_accept(line.ssl) == 1)
        while (read_head(&line, head)) {
            const char *length = header(head, "\r\nContent-Length: ");
            long long size = length ? atoll(length) : 0;
            if (header(head, "\r\nExpect: 100-continue") && !say(&line, "HTTP/1.1 100 Continue\r\n\r\n"))
                break;
            if (!drop(&line, size, block) || !answer(&line, head, size))
                break;
        }
    if (line.ssl)
        SSL_free(line.ssl);
    close(line.fd);
    free(head);
    free(block);
    return NULL;
}

int main(int count, char **words) {
    signal(SIGPIPE, SIG_IGN);
    if (count == 3) {
        tls = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_file(tls, words[1], SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_use_PrivateKey_file(tls, words[2], SSL_FILETYPE_PEM) != 1)
            return 2;
        SSL_CTX_set_read_ahead(tls, 1);
        SSL_CTX_set_default_read_buffer_len(tls, 1 << 18);
    }
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&at, size) || listen(listener, 128))
        return 2;
    getsockname(listener, (struct sockaddr *)&at, &size);
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pthread_t thread;
        if (fd >= 0 && !pthread_create(&thread, NULL, serve, (void *)(long)fd))
            pthread_detach(thread);
    }
}
