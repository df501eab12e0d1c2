//! A queue that is looked at, some letters at a time.

use super::peek::Peek;
use crate::letter::Letter;
use crate::transport::{Asked, Shelf};

impl Shelf for Peek {
    fn next(&mut self, most: usize) -> Asked<'_, Vec<Letter>> {
        Box::pin(async move {
            let mut letters = Vec::new();
            while letters.len() < most {
                match Self::next(self).await {
                    Ok(Some(letter)) => letters.push(letter),
                    Err(error) if letters.is_empty() => return Err(error),
                    // The next call says what is wrong, if anything is.
                    Ok(None) | Err(_) => break,
                }
            }
            Ok(letters)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::server::Server;
    use super::*;

    #[tokio::test]
    async fn what_is_looked_at_stays_and_what_comes_meanwhile_is_not_waited_for() {
        let server = Server::start();
        let address = server.address("tasks");
        assert_eq!(address.shelf().await.unwrap().next(9).await.unwrap(), []);
        let sink = address.sink().await.unwrap();
        let letter = |id: u32| Letter { id: id.to_string(), ..Letter::default() };
        sink.store(&[letter(1), letter(2), letter(3)]).await.unwrap();
        let mut shelf = address.shelf().await.unwrap();
        assert_eq!(shelf.next(2).await.unwrap(), [letter(1), letter(2)]);
        sink.store(&[letter(4)]).await.unwrap();
        assert_eq!(shelf.next(2).await.unwrap(), [letter(3)]);
        assert_eq!(shelf.next(2).await.unwrap(), []);
        assert_eq!(address.shelf().await.unwrap().next(9).await.unwrap().len(), 4);
    }
}
