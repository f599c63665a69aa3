//! Tapaculo as its README begins: what a member says goes to the others. `listen` does the same as the last lines here, but does not
//! tell its port and leaves Nagle's algorithm on; the argument `nodelay` turns it off on each accepted socket.
use axum::serve::ListenerExt;
use tapaculo::{InMemoryPubSub, JwtAuth, Server};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let secret = std::env::var("TAPACULO_SECRET").expect("TAPACULO_SECRET is the secret of the tokens");
    let is_without_delay = std::env::args().any(|word| word == "nodelay");
    let router = Server::new()
        .with_auth(JwtAuth::new(&secret))
        .with_pubsub(InMemoryPubSub::new())
        .on_message(|context, envelope| async move {
            context.broadcast_to_others(envelope.data).await.ok();
        })
        .into_router();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{{\"port\":{}}}", listener.local_addr()?.port());
    if is_without_delay {
        axum::serve(listener.tap_io(|socket| socket.set_nodelay(true).expect("an accepted socket")), router).await
    } else {
        axum::serve(listener, router).await
    }
}
