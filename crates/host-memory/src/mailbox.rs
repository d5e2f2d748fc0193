//! Mail in a list.

use host::{Address, MOST_AT_ONCE, MOST_WAITING, Mailbox, Mailed, Unavailable};
use oauth::Timestamp;

use crate::MemoryHost;

/// A message that waits.
pub(crate) struct Mail {
    to: Address,
    message: String,
    deadline: Timestamp,
}

impl MemoryHost {
    /// How many messages wait, and how many sessions were ended.
    #[must_use]
    pub fn mail_counts(&self) -> (usize, usize) {
        let (mail, ended) = (&self.state.mail, &self.state.ended);
        (mail.borrow().len(), ended.borrow().len())
    }
}

impl Mailbox for MemoryHost {
    async fn mail(
        &self,
        to: &Address,
        message: &str,
        deadline: Timestamp,
    ) -> Result<Mailed, Unavailable> {
        let accepted = self.accepts(to).await?;
        if accepted == Mailed::Waiting {
            self.state.mail.borrow_mut().push(Mail {
                to: to.clone(),
                message: message.to_owned(),
                deadline,
            });
        }
        Ok(accepted)
    }

    async fn waiting(&self, now: Timestamp) -> Result<Vec<Address>, Unavailable> {
        let mut waiting: Vec<Address> = Vec::new();
        for mail in self.store()?.mail.borrow().iter() {
            if now < mail.deadline && !waiting.contains(&mail.to) {
                waiting.push(mail.to.clone());
            }
        }
        Ok(waiting)
    }

    async fn collect(
        &self,
        addresses: &[Address],
        now: Timestamp,
    ) -> Result<Vec<(Address, String)>, Unavailable> {
        let mut mail = self.store()?.mail.borrow_mut();
        let mut before = 0;
        let wanted = |mail: &mut Mail| {
            let wanted = addresses.contains(&mail.to) && now < mail.deadline;
            let taken = wanted && before < MOST_AT_ONCE;
            before += if wanted { mail.message.len() } else { 0 };
            taken
        };
        let taken = mail.extract_if(.., wanted);
        Ok(taken.map(|mail| (mail.to, mail.message)).collect())
    }

    async fn end(&self, address: &Address, until: Timestamp) -> Result<(), Unavailable> {
        let store = self.store()?;
        store.mail.borrow_mut().retain(|mail| mail.to != *address);
        let mut ended = store.ended.borrow_mut();
        ended.insert(address.session.clone(), until);
        Ok(())
    }

    async fn accepts(&self, to: &Address) -> Result<Mailed, Unavailable> {
        let store = self.store()?;
        if store.ended.borrow().contains_key(&to.session) {
            return Ok(Mailed::Ended);
        }
        let mail = store.mail.borrow();
        let waiting = mail.iter().filter(|mail| mail.to.session == to.session);
        let waiting: usize = waiting.map(|mail| mail.message.len()).sum();
        Ok(if waiting < MOST_WAITING {
            Mailed::Waiting
        } else {
            Mailed::Full
        })
    }

    async fn sweep_mail(&self, over: Timestamp, limit: u32) -> Result<(), Unavailable> {
        let store = self.store()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut mail = store.mail.borrow_mut();
        let late = mail.extract_if(.., |mail| mail.deadline < over);
        late.take(limit).for_each(drop);
        let mut ended = store.ended.borrow_mut();
        let late = ended.extract_if(.., |_, until| *until < over);
        late.take(limit).for_each(drop);
        Ok(())
    }
}
